"""Sending a message through a mail server: encrypted, or to this machine's own."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from email.message import EmailMessage

from ingest.errors import FirsthandError, Unavailable, shown
from service.digest.options import Mail

_TIMEOUT_S = 30.0


class NotTaken(FirsthandError):
    """The other end answers and does not take it: trying again as things are is of no use."""

    status = 502


class Unsure(FirsthandError):
    """It broke off while it was sent: it may have arrived."""

    status = 502


@dataclass(frozen=True, slots=True)
class Refusal:
    """What the server says of an address; with ``later`` it may take mail for it after a while."""

    why: str
    later: bool


def send(mail: Mail, message: EmailMessage, to: tuple[str, ...]) -> Mapping[str, Refusal]:
    """Send it; those of ``to`` whom the server does not take. That may be all of them, some for
    now and some for good.

    Raises ``Unavailable`` where surely nothing was sent and it may be later, ``NotTaken`` where
    the server refuses it, ``Unsure`` where the line broke in the middle.
    """
    with _server(mail) as server:
        try:
            refused = server.send_message(message, mail.sender, list(to))
        except smtplib.SMTPRecipientsRefused as problem:
            # After a 421 the rest is not asked, and who was taken before does not get it either.
            *_, last = problem.recipients.values()
            refused = {one: problem.recipients.get(one, last) for one in to}
        except smtplib.SMTPResponseException as problem:
            raise _no(mail, "does not take it", problem.smtp_code, problem.smtp_error) from None
        except (smtplib.SMTPException, OSError) as problem:
            raise Unsure(
                f"The line to {_where(mail)} broke while the mail was sent "
                f"({type(problem).__name__}): it may have arrived, so it is not sent again."
            ) from problem
    found = {one: Refusal(_told(*answer), _later(answer[0])) for one, answer in refused.items()}
    if len(found) == len(to) and len({no.later for no in found.values()}) == 1:
        no = Unavailable if next(iter(found.values())).later else NotTaken
        raise no(f"{_where(mail)} takes mail for none of the addresses: {named(found)}.")
    return found


def named(refused: Mapping[str, Refusal]) -> str:
    return "; ".join(f"{address} ({no.why})" for address, no in refused.items())


@contextmanager
def _server(mail: Mail) -> Iterator[smtplib.SMTP]:
    """Connected, encrypted and signed in; nothing is sent yet."""
    try:
        server = _connected(mail)
    except ssl.SSLCertVerificationError as problem:
        raise NotTaken(
            f"{_where(mail)} does not prove who it is ({problem.verify_message}); a certificate "
            "authority of your own is named by SSL_CERT_FILE."
        ) from problem
    except smtplib.SMTPAuthenticationError as problem:
        told = _told(problem.smtp_code, problem.smtp_error)
        if _later(problem.smtp_code):  # 454: it cannot look the password up (RFC 4954, 6)
            raise Unavailable(f"{_where(mail)} does not let us in now ({told}).") from None
        raise NotTaken(
            f"{_where(mail)} does not let us in ({told}): check the name in FIRSTHAND_SMTP and "
            "FIRSTHAND_SMTP_PASSWORD."
        ) from None
    except smtplib.SMTPNotSupportedError as problem:
        raise NotTaken(
            f"{_where(mail)} offers no encryption (STARTTLS) or no way to sign in; nothing was "
            "sent."
        ) from problem
    except (smtplib.SMTPException, OSError) as problem:
        why = getattr(problem, "strerror", None) or type(problem).__name__
        raise Unavailable(
            f"The mail server {_where(mail)} cannot be reached now ({why})."
        ) from problem
    try:
        yield server
    finally:
        # Whatever is said to the goodbye: by then the mail is taken, or its error is on its way.
        with suppress(smtplib.SMTPException, OSError):
            server.quit()
        server.close()


def _connected(mail: Mail) -> smtplib.SMTP:
    trust = ssl.create_default_context()
    if mail.tls == "at once":
        server: smtplib.SMTP = smtplib.SMTP_SSL(
            mail.host, mail.port, timeout=_TIMEOUT_S, context=trust
        )
    else:
        server = smtplib.SMTP(mail.host, mail.port, timeout=_TIMEOUT_S)
    try:
        server.ehlo_or_helo_if_needed()
        if mail.tls == "starttls" and (not mail.local or server.has_extn("starttls")):
            server.starttls(context=trust)
            server.ehlo()
        if mail.user is not None and mail.password is not None:
            server.login(mail.user, mail.password)
    except BaseException:
        server.close()
        raise
    return server


def _no(mail: Mail, what: str, code: int, said: object) -> FirsthandError:
    told = f"{_where(mail)} {what} ({_told(code, said)})."
    return Unavailable(told) if _later(code) else NotTaken(told)


def _later(code: int) -> bool:
    """4yz is for now, 5yz for good (RFC 5321, 4.2.1)."""
    return 400 <= code < 500


def _told(code: int, said: object) -> str:
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)
    return f"{code} {shown(' '.join(text.split()))}"


def _where(mail: Mail) -> str:
    return f"{mail.host}:{mail.port}"
