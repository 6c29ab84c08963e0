"""Single sign-on at a provider that is not ours, over HTTP and through its own forms."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ingest.errors import Forbidden, Unavailable
from service.access.identity import Identity
from service.access.oidc import begin, destination, finish
from tests.oidc_provider import Provider, own_provider, sign_in


@pytest.fixture(scope="module")
def provider(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Provider]:
    with own_provider(tmp_path_factory.mktemp("provider")) as running:
        yield running


def _now() -> datetime:
    return datetime.now(UTC)


def test_somebody_signs_in(provider: Provider) -> None:
    settings = provider.settings()
    url, cookie = begin(settings, "/calls?account=7", _now())
    query = sign_in(url, "dana")
    assert finish(settings, query, cookie, _now()) == Identity(
        provider.issuer, "1", "dana.ruiz@acme.example", "Dana"
    )
    assert destination(settings, cookie, _now()) == "/calls?account=7"


def test_an_address_that_is_not_confirmed_is_none(provider: Provider) -> None:
    settings = provider.settings()
    url, cookie = begin(settings, "/", _now())
    found = finish(settings, sign_in(url, "unconfirmed"), cookie, _now())
    assert found == Identity(provider.issuer, "2", None, "Unconfirmed")


def test_a_code_is_good_for_once(provider: Provider) -> None:
    settings = provider.settings()
    url, cookie = begin(settings, "/", _now())
    query = sign_in(url, "dana")
    finish(settings, query, cookie, _now())
    with pytest.raises(Forbidden, match="does not take this sign-in any more"):
        finish(settings, query, cookie, _now())


def test_an_answer_to_another_browser_is_not_taken(provider: Provider) -> None:
    settings = provider.settings()
    url, _ = begin(settings, "/", _now())
    _, of_another = begin(settings, "/", _now())
    with pytest.raises(Forbidden, match="belongs to another sign-in"):
        finish(settings, sign_in(url, "dana"), of_another, _now())


def test_a_code_of_another_sign_in_is_worth_nothing(provider: Provider) -> None:
    """Somebody puts a code that was stolen into a sign-in of their own: PKCE."""
    settings = provider.settings()
    url, _ = begin(settings, "/", _now())
    stolen = sign_in(url, "dana")
    own_url, own = begin(settings, "/", _now())
    query = {**sign_in(own_url, "unconfirmed"), "code": stolen["code"]}
    with pytest.raises(Forbidden, match="does not take this sign-in any more"):
        finish(settings, query, own, _now())


def test_somebody_who_does_not_agree_is_told_so(provider: Provider) -> None:
    settings = provider.settings()
    url, cookie = begin(settings, "/", _now())
    query = sign_in(url, "dana", agree=False)
    with pytest.raises(Forbidden, match="stopped at Acme"):
        finish(settings, query, cookie, _now())


def test_a_token_signed_with_the_clients_secret_is_refused(provider: Provider) -> None:
    settings = provider.settings("HS256")
    url, cookie = begin(settings, "/", _now())
    with pytest.raises(Forbidden, match="could not be verified"):
        finish(settings, sign_in(url, "dana"), cookie, _now())


def test_a_provider_that_signs_with_a_new_key_is_believed(tmp_path: Path) -> None:
    """And one that went away between the two steps is told of in a sentence."""
    with own_provider(tmp_path) as provider:
        settings = provider.settings()
        url, cookie = begin(settings, "/", _now())
        assert finish(settings, sign_in(url, "dana"), cookie, _now()).subject == "1"
        url, cookie = begin(settings, "/", _now())
        query = sign_in(url, "dana")
        provider.stop()
        with pytest.raises(Unavailable, match="Acme cannot be reached"):
            finish(settings, query, cookie, _now())
        with pytest.raises(Unavailable, match="Acme cannot be reached"):
            begin(settings, "/", _now())
        provider.start()
        assert finish(settings, query, cookie, _now()).subject == "1"
