"""Tokens and answers that no real provider gives: each is refused with a sentence."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, parse_qsl, urlsplit

import httpx2
import pytest
from authlib.integrations.httpx_client import OAuth2Client
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey, RSAKey

from ingest.errors import FirsthandError, Forbidden, NotFound, Unavailable
from service.access.claims import identity
from service.access.identity import Identity, OidcOptions, ProviderFailed
from service.access.oidc import begin, finish
from service.access.provider import Provider, discover
from service.settings import Settings
from tests.service.access.lying import ACCESS_TOKEN, CLIENT, SECRET, Liar, own_liar, unsigned

NOW = datetime(2026, 11, 26, 9, 0, tzinfo=UTC)
STAMP = NOW.timestamp()


@pytest.fixture(scope="module")
def _running() -> Iterator[Liar]:
    with own_liar() as liar:
        yield liar


@pytest.fixture
def liar(_running: Liar) -> Liar:
    """It says the truth until a test has it say something else."""
    _running.__post_init__()
    _running.asked.clear()
    return _running


class Going:
    """A sign-in on its way: what the provider was told, and what the browser holds."""

    def __init__(self, liar: Liar, settings: Settings | None = None) -> None:
        self.settings = settings or liar.settings()
        url, self.cookie = begin(self.settings, "/", NOW)
        self.told = dict(parse_qsl(urlsplit(url).query))
        self.nonce = self.told["nonce"]

    def back(self, query: dict[str, str] | None = None, now: datetime = NOW) -> Identity:
        answer = {"state": self.told["state"], "code": "a-code", **(query or {})}
        return finish(self.settings, answer, self.cookie, now)


def _refusal(going: Going, kind: type[FirsthandError]) -> str:
    with pytest.raises(kind) as refused:
        going.back()
    return str(refused.value)


def _with_claims(token: str, claims: dict[str, object]) -> str:
    header, _, signature = token.split(".")
    return f"{header}.{unsigned(claims, {}).split('.')[1]}.{signature}"


def test_the_provider_is_asked_for_a_code_and_given_the_proof_for_it(liar: Liar) -> None:
    going = Going(liar)
    liar.give(liar.sign(liar.claims(going.nonce, STAMP)))
    assert going.back() == Identity(liar.issuer, "dana-1", "dana@acme.example", None)
    path, headers, body = liar.asked[-2]
    sent = parse_qs(body)
    verifier = sent["code_verifier"][0]
    hashed = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest())
    assert path == "/token"
    assert (
        going.told.items()
        >= {
            "response_type": "code",
            "client_id": CLIENT,
            "redirect_uri": "https://firsthand.example.com/sso/callback",
            "scope": "openid email profile",
            "code_challenge": hashed.rstrip(b"=").decode(),
            "code_challenge_method": "S256",
        }.items()
    )
    assert sent["redirect_uri"] == ["https://firsthand.example.com/sso/callback"]
    assert base64.b64decode(headers["Authorization"].split()[1]).decode() == f"{CLIENT}:{SECRET}"


def test_no_two_sign_ins_are_alike(liar: Liar) -> None:
    one, other = Going(liar).told, Going(liar).told
    for field in ("state", "nonce", "code_challenge"):
        assert len(one[field]) >= 43
        assert one[field] != other[field]


@pytest.mark.parametrize(
    "changed",
    [
        {"iss": "https://evil.example"},
        {"iss": None},
        {"aud": "another-client"},
        {"aud": "another-client", "azp": CLIENT},
        {"aud": ["another-client", "a-third"]},
        {"aud": [CLIENT, "another-client"]},  # without azp
        {"aud": [CLIENT, "another-client"], "azp": "another-client"},
        {"azp": "another-client"},
        {"aud": None},
        {"aud": {CLIENT: True}},
        {"sub": None},
        {"sub": ""},
        {"sub": 7},
        {"sub": "dänä"},
        {"sub": "dana\n1"},
        {"sub": "d" * 256},
        {"nonce": None},
        {"nonce": "of another sign-in"},
        {"nonce": ["x"]},
        {"exp": STAMP - 61},
        {"exp": None},
        {"exp": "tomorrow"},
        {"exp": True},
        {"iat": None},
        {"iat": STAMP + 120},
        {"nbf": STAMP + 120},
        {"at_hash": "AAAAAAAAAAAAAAAAAAAAAA"},
        {"at_hash": ["AAAAAAAAAAAAAAAAAAAAAA"]},
        {"auth_time": "noon"},
        {"amr": "pwd"},
    ],
    ids=str,
)
def test_a_token_that_says_something_else_is_refused(
    liar: Liar, changed: dict[str, object]
) -> None:
    going = Going(liar)
    liar.give(liar.sign(liar.claims(going.nonce, STAMP, **changed)))
    with pytest.raises(Forbidden, match="could not be verified"):
        going.back()


def test_clocks_may_differ_by_a_minute(liar: Liar) -> None:
    going = Going(liar)
    liar.give(liar.sign(liar.claims(going.nonce, STAMP, exp=int(STAMP) - 59, iat=int(STAMP) + 59)))
    assert going.back().subject == "dana-1"


def test_a_token_signed_by_nobody_or_another_is_refused(liar: Liar) -> None:
    going = Going(liar)
    good = liar.claims(going.nonce, STAMP)
    signed = liar.sign(good)
    another = RSAKey.generate_key(2048, auto_kid=True)
    public = liar.key.as_dict(private=False)
    tokens = {
        "none": unsigned(good, {"alg": "none"}),
        "None": unsigned(good, {"alg": "None"}),
        "none with the key": unsigned(good, {"alg": "none", "kid": liar.key.kid}),
        "no algorithm": unsigned(good, {"kid": liar.key.kid}, "AAAA"),
        "the signature cut off": signed.rpartition(".")[0] + ".",
        "other words under it": _with_claims(signed, {**good, "sub": "somebody-else"}),
        "the client's secret": jwt.encode({"alg": "HS256"}, good, OctKey.import_key(SECRET)),
        "the public key as a secret": jwt.encode(
            {"alg": "HS256", "kid": str(liar.key.kid)}, good, OctKey.import_key(str(public["n"]))
        ),
        "a key of the sender's": liar.sign(good, another),
        "its name on another key": liar.sign(good, another, kid=str(liar.key.kid)),
        "a key in the token": jwt.encode(
            {"alg": "RS256", "jwk": another.as_dict(private=False)}, good, another
        ),
        "an algorithm of another kind": jwt.encode(
            {"alg": "ES256", "kid": str(liar.key.kid)}, good, ECKey.generate_key("P-256")
        ),
        "no token": "gibberish",
        "nothing": "",
    }
    for name, token in tokens.items():
        liar.give(token)
        assert "could not be verified" in _refusal(going, Forbidden), name
    liar.give(signed)
    assert going.back().subject == "dana-1"


def test_a_secret_among_the_providers_keys_signs_nothing(liar: Liar) -> None:
    going = Going(liar)
    secret = OctKey.generate_key(256, auto_kid=True)
    liar.say("/jwks", {"keys": [liar.key.as_dict(private=False), secret.as_dict(private=True)]})
    liar.give(
        jwt.encode(
            {"alg": "HS256", "kid": str(secret.kid)}, liar.claims(going.nonce, STAMP), secret
        )
    )
    with pytest.raises(Forbidden, match="could not be verified"):
        going.back()


def test_a_key_that_was_changed_is_known_and_the_old_one_forgotten(liar: Liar) -> None:
    going = Going(liar)
    old, new = liar.key, ECKey.generate_key("P-256", auto_kid=True)
    claims = liar.claims(going.nonce, STAMP)
    liar.say("/jwks", {"keys": [{"kty": "AKP", "kid": "of-tomorrow"}, new.as_dict(private=False)]})
    liar.give(liar.sign(claims, new, alg="ES256"))
    assert going.back().subject == "dana-1"
    liar.give(liar.sign(claims, old))
    with pytest.raises(Forbidden, match="could not be verified"):
        going.back()


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ({"state": "of another browser"}, "belongs to another sign-in"),
        ({"state": ""}, "belongs to another sign-in"),
        ({"state": "ü"}, "belongs to another sign-in"),
        ({"code": ""}, "did not sign you in; begin again"),
        ({"error": "access_denied"}, "stopped at Acme"),
        ({"error": "server_error"}, r"did not sign you in \(server_error\)\.$"),
        ({"error": "<b>Call 0800 1234</b>"}, "did not sign you in.$"),
        ({"iss": "https://evil.example"}, "does not come from Acme"),
    ],
    ids=str,
)
def test_an_answer_that_is_none_is_refused(
    liar: Liar, query: dict[str, str], sentence: str
) -> None:
    going = Going(liar)
    liar.give(liar.sign(liar.claims(going.nonce, STAMP)))
    with pytest.raises(Forbidden, match=sentence):
        going.back(query)
    assert "/token" not in [path for path, _, _ in liar.asked]


def test_an_issuer_that_names_itself_in_answers_has_to(liar: Liar) -> None:
    liar.describe(authorization_response_iss_parameter_supported=True)
    going = Going(liar)
    liar.give(liar.sign(liar.claims(going.nonce, STAMP)))
    with pytest.raises(Forbidden, match="does not come from Acme"):
        going.back()
    assert going.back({"iss": liar.issuer}).subject == "dana-1"


def test_a_sign_in_is_not_for_ever(liar: Liar) -> None:
    going = Going(liar)
    liar.give(liar.sign(liar.claims(going.nonce, STAMP + 599)))
    assert going.back(now=NOW + timedelta(seconds=599)).subject == "dana-1"
    with pytest.raises(Forbidden, match="took too long"):
        going.back(now=NOW + timedelta(seconds=600))


@pytest.mark.parametrize("cookie", ["", "x", "a.b.c.d.e", "ü" * 50, "cut", "of another secret"])
def test_a_cookie_that_is_not_ours_begins_nothing(liar: Liar, cookie: str) -> None:
    going = Going(liar)
    liar.give(liar.sign(liar.claims(going.nonce, STAMP)))
    if cookie == "cut":
        cookie = going.cookie[:-2]
    elif cookie == "of another secret":
        _, cookie = begin(liar.settings(oidc_client_secret="another"), "/", NOW)
    going.cookie = cookie
    with pytest.raises(Forbidden, match="not begun in this browser"):
        going.back()


@pytest.mark.parametrize(
    ("claims", "email"),
    [
        ({"email": "Dana@ACME.example", "email_verified": True}, "dana@acme.example"),
        ({"email": "dana@acme.example", "email_verified": False}, None),
        ({"email": "dana@acme.example", "email_verified": "true"}, None),
        ({"email": "dana@acme.example", "email_verified": 1}, None),
        ({"email": "dana@acme.example", "email_verified": None}, None),
        ({"email": "\u212aim@acme.example"}, None),  # the sign of kelvin, which folds to a k
        ({"email": "dana"}, None),
        ({"email": "@acme.example"}, None),
        ({"email": "dana@"}, None),
        ({"email": "dana\n@acme.example"}, None),
        ({"email": ["dana@acme.example"]}, None),
        ({"email": "d" * 250 + "@acme.example"}, None),
    ],
    ids=str,
)
def test_an_address_counts_only_where_it_is_vouched_for(
    liar: Liar, claims: dict[str, object], email: str | None
) -> None:
    going = Going(liar)
    liar.give(liar.sign(liar.claims(going.nonce, STAMP, **claims)))
    assert going.back().email == email


def test_who_it_is_may_be_told_at_another_address(liar: Liar) -> None:
    going = Going(liar)
    liar.give(liar.sign(liar.claims(going.nonce, STAMP, email=None, email_verified=None)))
    about = {
        "sub": "dana-1",
        "email": "d@acme.example",
        "email_verified": True,
        "name": " Dana\x00",
    }
    liar.say("/userinfo", about)
    assert going.back() == Identity(liar.issuer, "dana-1", "d@acme.example", "Dana")
    assert liar.asked[-1][1]["Authorization"] == f"Bearer {ACCESS_TOKEN}"
    liar.say("/userinfo", {**about, "sub": "somebody-else"})
    with pytest.raises(Forbidden, match="spoke of somebody else"):
        going.back()


def test_no_answer_of_a_provider_is_a_crash(liar: Liar) -> None:
    """Whatever it says at any of its addresses: one of our sentences."""
    going = Going(liar)
    liar.give(liar.sign(liar.claims(going.nonce, STAMP, email=None)))
    token = {"access_token": ACCESS_TOKEN, "token_type": "Bearer", "id_token": "x"}
    strange: list[object] = [
        *(b"", b"<html>", b"\xff\xfe", b"[]", b"7", b"null", b'"x"', b"{}", b"[" * 50_000),
        *({"keys": 7}, {"keys": [7]}, {"keys": []}, {"keys": [{"kty": "RSA"}]}),
        *({"keys": [{"kty": ["RSA"]}]}, {"keys": [{"kty": "EC", "crv": "P-1", "x": "", "y": ""}]}),
        *({**token, "id_token": 7}, {**token, "access_token": 7}, {**token, "access_token": "ü"}),
        *({**token, "expires_in": "soon"}, {**token, "expires_at": []}, {**token, "id_token": "ü"}),
        *({"error": 7}, {"error": ["x"]}, {"error": "invalid_client"}, {"error": "x\ny"}),
        {"error": "invalid_request", "error_description": {"x": "\x00"}},
    ]
    for path in ("/.well-known/openid-configuration", "/token", "/jwks", "/userinfo"):
        true = liar.answers[path]
        said = [(what, 200) for what in strange]
        said += [(b"", status) for status in (302, 400, 401, 404, 429, 500, 503)]
        said += [({"error": "invalid_client"}, status) for status in (400, 401, 500)]
        for what, status in said:
            liar.say(path, what, status)
            sentence = _refusal(going, Unavailable if status in (429, 500, 503) else FirsthandError)
            assert SECRET not in sentence
            assert ACCESS_TOKEN not in sentence
            assert sentence.isprintable()
        liar.answers[path] = true


def test_a_provider_that_describes_another_is_not_asked(liar: Liar) -> None:
    for changed, sentence in (
        ({"issuer": f"{liar.issuer}/"}, "calls itself by another name"),
        ({"issuer": "https://accounts.google.com"}, "calls itself by another name"),
        ({"token_endpoint": None}, r"does not describe itself .*\(token_endpoint\)"),
        ({"jwks_uri": "file:///etc/passwd"}, r"does not describe itself .*\(jwks_uri\)"),
        ({"authorization_endpoint": "javascript:alert(1)"}, r"\(authorization_endpoint\)"),
    ):
        liar.describe(**changed)
        with pytest.raises(ProviderFailed, match=sentence):
            begin(liar.settings(), "/", NOW)


def test_a_provider_asked_in_secret_sends_nobody_into_the_open() -> None:
    options = OidcOptions("https://idp.example", CLIENT, SECRET, "", "Acme", None, ())
    names = ("authorization_endpoint", "token_endpoint", "jwks_uri", "userinfo_endpoint")
    secure = {"issuer": options.issuer, **{name: f"https://idp.example/{name}" for name in names}}

    def found(told: dict[str, str]) -> Provider:
        answering = httpx2.MockTransport(lambda _: httpx2.Response(200, json=told))
        with OAuth2Client(CLIENT, SECRET, transport=answering) as client:
            return discover(client, options)

    assert str(found(secure).jwks_uri) == secure["jwks_uri"]
    for name in names:
        with pytest.raises(ProviderFailed, match="not https"):
            found({**secure, name: f"http://idp.example/{name}"})


def test_a_client_that_is_not_known_there_is_told_with_what_to_do(liar: Liar) -> None:
    going = Going(liar)
    liar.say("/token", {"error": "invalid_client"}, 401)
    with pytest.raises(ProviderFailed, match=r"\(invalid_client\); check the client's id, secret"):
        going.back()


def test_the_secret_goes_into_the_body_where_a_provider_wants_that(liar: Liar) -> None:
    liar.describe(token_endpoint_auth_methods_supported=["client_secret_post"])
    going = Going(liar)
    liar.give(liar.sign(liar.claims(going.nonce, STAMP)))
    assert going.back().subject == "dana-1"
    _, headers, body = next(one for one in liar.asked if one[0] == "/token")
    assert parse_qs(body)["client_secret"] == [SECRET]
    assert "Authorization" not in headers


def test_without_a_provider_there_is_no_single_sign_on() -> None:
    with pytest.raises(NotFound, match="not set up here"):
        begin(Settings(), "/", NOW)


@pytest.mark.parametrize(
    ("email", "company", "vouched"),
    [
        ("dana@acme.example", "acme.example", True),
        ("dana@gmail.com", None, True),
        ("dana@acme.example", None, False),  # an account that somebody made with that address
        ("dana@acme.example", "", False),
    ],
)
def test_google_vouches_for_gmail_and_for_companies_of_its_own(
    email: str, company: str | None, vouched: bool
) -> None:
    claims = {"sub": "1", "email": email, "email_verified": True, "hd": company}
    assert identity("https://accounts.google.com", claims).email == (email if vouched else None)
