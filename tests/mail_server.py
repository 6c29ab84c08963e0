"""A mail server on loopback: it may want TLS and a password, refuse, hang up, or be away."""

from __future__ import annotations

import asyncio
import datetime as dt
import ipaddress
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any, cast

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.ports import free_port

USER, PASSWORD = "firsthand", "pass word: %20@"


@dataclass
class MailServer:
    """What it says to DATA (``says``), to RCPT of an address (``refuses``) and so on;
    ``lets_in`` is what it says to every password, instead of looking at it.
    """

    port: int
    got: list[EmailMessage] = field(default_factory=list)
    to: list[list[str]] = field(default_factory=list)
    encrypted: list[bool] = field(default_factory=list)
    users: list[str | None] = field(default_factory=list)
    lets_in: str | None = None
    says: str = "250 OK"
    refuses: dict[str, str] = field(default_factory=dict)
    hangs_up: bool = False
    says_goodbye: str = "221 Bye"
    at_goodbye: Callable[[], object] = lambda: None

    async def handle_RCPT(  # aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        del server, session, options
        if address in self.refuses:
            return self.refuses[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_QUIT(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        del server, session, envelope
        self.at_goodbye()
        return self.says_goodbye

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        content = envelope.original_content or b""
        self.got.append(message_from_bytes(content, policy=default))
        self.to.append(list(envelope.rcpt_tos))
        self.encrypted.append(session.ssl is not None)
        self.users.append(cast("str | None", session.auth_data))
        if self.hangs_up:
            assert isinstance(server.transport, asyncio.Transport)
            server.transport.abort()
        return self.says

    def let_in(
        self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any
    ) -> AuthResult:
        del server, session, envelope, mechanism
        assert isinstance(data, LoginPassword)
        right = (data.login, data.password) == (USER.encode(), PASSWORD.encode())
        return AuthResult(
            success=right and self.lets_in is None,
            auth_data=data.login.decode(),
            handled=False,
            message=self.lets_in,
        )


@contextmanager
def mail_server(
    certificate: Path | None = None,
    *,
    at_once: bool = False,
    wants_password: bool = False,
    host: str = "127.0.0.1",
    port: int | None = None,
) -> Iterator[MailServer]:
    """``certificate`` is a PEM with its key: STARTTLS, or TLS ``at_once``."""
    made = MailServer(port or free_port())
    context = None
    if certificate is not None:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(certificate)
    controller = Controller(
        made,
        hostname=host,
        port=made.port,
        ssl_context=context if at_once else None,
        tls_context=None if at_once else context,
        auth_required=wants_password,
        auth_require_tls=wants_password and not at_once,
        authenticator=made.let_in if wants_password else None,
        server_hostname="mail.test",
        ready_timeout=60,
    )
    controller.start()
    try:
        yield made
    finally:
        controller.stop()


def certificate_for(folder: Path, name: str = "localhost") -> Path:
    """A certificate that vouches for itself, with its key, in one PEM."""
    key = ec.generate_private_key(ec.SECP256R1())
    called = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = dt.datetime.now(dt.UTC)
    alternatives: list[x509.GeneralName] = [x509.DNSName(name)]
    if name == "localhost":
        alternatives.append(x509.IPAddress(ipaddress.ip_address("127.0.0.1")))
    made = (
        x509.CertificateBuilder()
        .subject_name(called)
        .issuer_name(called)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=2))
        .add_extension(x509.SubjectAlternativeName(alternatives), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = folder / f"{name}.pem"
    path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + made.public_bytes(serialization.Encoding.PEM)
    )
    return path
