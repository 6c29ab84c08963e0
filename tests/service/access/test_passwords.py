from __future__ import annotations

import unicodedata
from concurrent.futures import ThreadPoolExecutor

import pytest
from argon2 import PasswordHasher

from ingest.errors import BadInput, Unavailable
from service.access.passwords import check_password, hash_password, outdated, verify

GOOD = "correct horse battery staple"


@pytest.mark.parametrize(
    ("password", "says"),
    [
        ("", "12 to 1,024"),
        ("x7#Qp!2mZ9k", "12 to 1,024"),
        ("q7#Q" * 257, "12 to 1,024"),
        ("password1234", "easy to guess"),
        ("passwordpassword" * 5, "easy to guess"),
        ("aaaaaaaaaaaaaaaaaaaa", "easy to guess"),
        ("qwertyuiop1234", "easy to guess"),
        ("dana.ruiz@example.com", "easy to guess"),
        ("Dana.Ruiz2026", "easy to guess"),
        ("danaruiz123!", "easy to guess"),
        ("firsthand2026", "easy to guess"),
        ("lone surrogate \ud800 here", "UTF-8"),
    ],
)
def test_a_password_that_is_short_or_guessable_is_refused(password: str, says: str) -> None:
    with pytest.raises(BadInput, match=says) as refused:
        check_password(password, "dana.ruiz@example.com")
    assert not password or password not in str(refused.value)


@pytest.mark.parametrize(
    "password", [GOOD, "x7#Qp!2mZ9kR", "Füße über moosigem Grund", "q7#Qz" * 204]
)
def test_a_long_strange_password_is_taken(password: str) -> None:
    check_password(password, "dana.ruiz@example.com")


def test_a_hash_lets_in_its_password_only() -> None:
    kept = hash_password(GOOD)
    assert kept.startswith("$argon2id$")
    assert GOOD not in kept
    assert verify(kept, GOOD)
    assert not verify(kept, f"{GOOD}!")
    assert not verify(kept, "\ud800")
    assert hash_password(GOOD) != kept  # salted
    assert not outdated(kept)


def test_nobody_has_a_password() -> None:
    assert not verify(None, GOOD)
    assert not verify(None, "")


def test_it_does_not_matter_how_a_keyboard_writes_a_letter() -> None:
    composed = unicodedata.normalize("NFC", "Füße über moosigem Grund")
    apart = unicodedata.normalize("NFD", composed)
    assert composed != apart
    assert verify(hash_password(composed), apart)


def test_a_hash_with_older_parameters_is_outdated_and_lets_in() -> None:
    kept = PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1).hash(GOOD)
    assert verify(kept, GOOD)
    assert outdated(kept)


def test_a_flood_of_passwords_takes_no_more_than_a_little_memory() -> None:
    kept = hash_password(GOOD)

    def one(_n: int) -> str:
        try:
            return str(verify(kept, GOOD))
        except Unavailable as problem:
            return str(problem)

    with ThreadPoolExecutor(40) as pool:
        told = set(pool.map(one, range(40)))
    busy = "Too many people are signing in just now; try again in a moment."
    assert told == {"True", busy}
    assert verify(kept, GOOD)  # and every place is given back
