"""Mail through a real server on loopback: TLS, a password, refusals, lines that break."""

from __future__ import annotations

from dataclasses import replace
from email.message import EmailMessage
from pathlib import Path

import pytest

from ingest.errors import BadInput, Unavailable
from service.digest.mailing import NotTaken, Refusal, Unsure, send
from service.digest.options import Mail, hook, mail
from tests.mail_server import PASSWORD, USER, certificate_for, mail_server
from tests.ports import free_port

TO = ("ada@vendor.example", "bo@vendor.example")


def message() -> EmailMessage:
    made = EmailMessage()
    made["Subject"], made["From"], made["To"] = "Wöche", "f@vendor.example", ", ".join(TO)
    made.set_content("Zwölf Stunden.")
    return made


def at(port: int, scheme: str = "smtp", host: str = "127.0.0.1") -> Mail:
    return mail(f"{scheme}://{host}:{port}", "f@vendor.example", None)


@pytest.fixture
def certificate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """One that this machine trusts during the test."""
    made = certificate_for(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(made))
    return made


def test_on_this_machine_mail_needs_no_encryption() -> None:
    with mail_server() as server:
        assert send(at(server.port), message(), TO) == {}
    assert (server.to, server.encrypted) == ([list(TO)], [False])
    assert (server.got[0]["Subject"], server.got[0].get_content().strip()) == (
        "Wöche",
        "Zwölf Stunden.",
    )


@pytest.mark.filterwarnings("ignore:Requiring AUTH while")  # it does not see TLS from the start
@pytest.mark.parametrize("scheme", ["smtp", "smtps"])
def test_mail_is_encrypted_and_signed_in(certificate: Path, scheme: str) -> None:
    with mail_server(certificate, at_once=scheme == "smtps", wants_password=True) as server:
        options = mail(f"{scheme}://{USER}@localhost:{server.port}", "f@vendor.example", PASSWORD)
        send(options, message(), TO)
        wrong = replace(options, password="Qwobbleplex")
        with pytest.raises(NotTaken, match="does not let us in") as refused:
            send(wrong, message(), TO)
        server.lets_in = "454 4.7.0 Temporary authentication failure"
        with pytest.raises(Unavailable, match="does not let us in now"):
            send(options, message(), TO)
    assert server.users == [USER]
    assert server.encrypted == [scheme == "smtp"]  # it tells only of what came after STARTTLS
    assert "Qwobbleplex" not in repr(wrong) + str(refused.value)


def test_a_server_elsewhere_without_encryption_gets_nothing() -> None:
    # Loopback as well, but not one of the names that are taken for this machine.
    with (
        mail_server(host="127.0.0.2") as server,
        pytest.raises(NotTaken, match="no encryption"),
    ):
        send(at(server.port, host="127.0.0.2"), message(), TO)
    assert server.got == []


def test_a_server_that_nobody_vouches_for_gets_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = certificate_for(tmp_path)
    other = certificate_for(tmp_path, "mail.other.example")
    for trusted, presented in ((None, own), (other, other)):
        if trusted:
            monkeypatch.setenv("SSL_CERT_FILE", str(trusted))
        with (
            mail_server(presented) as server,
            pytest.raises(NotTaken, match="does not prove who it is"),
        ):
            send(at(server.port, host="localhost"), message(), TO)
        assert server.got == []


def test_who_is_not_taken_is_told_and_the_others_get_it() -> None:
    with mail_server() as server:
        server.refuses = {TO[0]: "550 no such person \x1b[31m"}
        assert send(at(server.port), message(), TO) == {
            TO[0]: Refusal("550 no such person \ufffd[31m", later=False)
        }
        assert server.to == [[TO[1]]]
        server.refuses = {TO[0]: "550 nobody here", TO[1]: "553 nor here"}
        with pytest.raises(NotTaken, match="for none of the addresses") as refused:
            send(at(server.port), message(), TO)
    for address, why in server.refuses.items():
        assert f"{address} ({why})" in str(refused.value)


def test_who_may_be_taken_later_is_told_from_who_may_not() -> None:
    with mail_server() as server:
        server.refuses = {TO[0]: "550 no such person", TO[1]: "450 greylisted"}
        assert send(at(server.port), message(), TO) == {
            TO[0]: Refusal("550 no such person", later=False),
            TO[1]: Refusal("450 greylisted", later=True),
        }
        server.refuses = {TO[0]: "451 greylisted", TO[1]: "450 greylisted"}
        with pytest.raises(Unavailable, match="for none of the addresses"):
            send(at(server.port), message(), TO)
    assert server.got == []


def test_a_server_that_ends_while_it_is_asked_has_taken_nobody() -> None:
    three = (*TO, "cy@vendor.example")  # it took the first, and is not asked for the last
    with mail_server() as server:
        server.refuses = {TO[1]: "421 too busy"}
        with pytest.raises(Unavailable, match="421 too busy") as refused:
            send(at(server.port), message(), three)
        server.refuses = {TO[0]: "550 no such person", TO[1]: "421 too busy"}
        found = send(at(server.port), message(), three)
    assert [one in str(refused.value) for one in three] == [True, True, True]
    assert [found[one].later for one in three] == [False, True, True]
    assert server.got == []


def test_what_was_taken_is_sent_whatever_is_said_to_the_goodbye() -> None:
    with mail_server() as server:
        server.says_goodbye = "500 no"
        assert send(at(server.port), message(), TO) == {}
        server.says = "554 spam"
        with pytest.raises(NotTaken, match="554 spam"):
            send(at(server.port), message(), TO)
    assert len(server.got) == 2


@pytest.mark.parametrize(
    ("says", "error"), [("554 spam", NotTaken), ("451 greylisted, come again", Unavailable)]
)
def test_a_refusal_is_for_good_or_for_now(says: str, error: type[Exception]) -> None:
    with mail_server() as server:
        server.says = says
        with pytest.raises(error, match=says):
            send(at(server.port), message(), TO)


def test_a_line_that_breaks_in_the_middle_may_have_sent_it() -> None:
    with mail_server() as server:
        server.hangs_up = True
        with pytest.raises(Unsure, match="it may have arrived"):
            send(at(server.port), message(), TO)


def test_a_server_that_is_away_is_told_and_comes_back() -> None:
    port = free_port()
    with pytest.raises(Unavailable, match="cannot be reached now"):
        send(at(port), message(), TO)
    with mail_server(port=port) as server:
        send(at(port), message(), TO)
    assert len(server.got) == 1


@pytest.mark.parametrize(
    ("url", "sender", "password", "says"),
    [
        ("http://mail.example", "a@b.example", None, "it is smtps://user@host:465"),
        ("smtp://", "a@b.example", None, "it is smtps://user@host:465"),
        ("smtp://mail.example:0", "a@b.example", None, "it is smtps://user@host:465"),
        ("smtp://mail.example:999999", "a@b.example", None, "it is smtps://user@host:465"),
        ("smtp://mail..example", "a@b.example", None, "it is smtps://user@host:465"),
        ("smtp://[mail.example", "a@b.example", None, "it is smtps://user@host:465"),
        ("smtps://u:secret@mail.example", "a@b.example", None, "FIRSTHAND_SMTP_PASSWORD"),
        ("smtps://u@mail.example", "a@b.example", None, "go together"),
        ("smtps://mail.example", "a@b.example", "secret", "go together"),
        ("smtps://u@mail.example", "a@b.example", "ümlaut", "in plain ASCII"),
        ("smtps://mail.example", "", None, "no e-mail address"),
        ("smtps://mail.example", "a@b.example\nBcc: all@b.example", None, "no e-mail address"),
        ("smtps://mail.example", "A <a@b.example>", None, "no e-mail address"),
    ],
)
def test_a_server_that_cannot_be_meant_is_refused(
    url: str, sender: str, password: str | None, says: str
) -> None:
    with pytest.raises(BadInput, match=says):
        mail(url, sender, password)


def test_ports_are_those_of_the_protocols() -> None:
    assert mail("smtps://me%40b.example@mail.example", "a@b.example", "x").port == 465
    found = mail("smtp://mail.example", "a@b.example", None)
    assert (found.port, found.tls, found.local) == (587, "starttls", False)


@pytest.mark.parametrize(
    ("url", "secret", "says"),
    [
        ("http://example.com/x", "whsec_" + "A" * 32, "begins with https://"),
        ("ftp://example.com/x", "whsec_" + "A" * 32, "begins with https://"),
        ("https://u:p@example.com/x", "whsec_" + "A" * 32, "without name or password"),
        ("https:///x", "whsec_" + "A" * 32, "without name or password"),
        ("https://[x", "whsec_" + "A" * 32, "without name or password"),
        ("https://example.com/x", "whsec_QQ==", "at least 16 random bytes"),
        ("https://example.com/x", "whsec_no base64!", "at least 16 random bytes"),
        ("https://example.com/x", "", "at least 16 random bytes"),
    ],
)
def test_a_program_that_cannot_be_meant_is_refused(url: str, secret: str, says: str) -> None:
    with pytest.raises(BadInput, match=says):
        hook(url, secret)
