from __future__ import annotations

import pytest

from service.access.lockout import Attempt, Lockout

MINUTE, HOUR = 60.0, 3600.0


def wrong(lockout: Lockout, times: int, now: float, **about: str) -> list[float]:
    """The waits of so many wrong tries, a second apart."""
    attempt = Attempt(**({"name": "dana", "address": "192.0.2.1"} | about))
    return [lockout.enter(attempt, now + n) for n in range(times)]


def test_ten_wrong_passwords_for_a_name_then_a_wait() -> None:
    lockout = Lockout()
    waits = wrong(lockout, 12, 0)
    assert waits == [0] * 10 + [15 * MINUTE - 10, 15 * MINUTE - 11]
    assert wrong(lockout, 2, 15 * MINUTE + 0.5) == [0, 0]  # the first two are over
    assert wrong(lockout, 1, 15 * MINUTE + 1.6) != [0]


def test_what_is_refused_prolongs_nothing() -> None:
    lockout = Lockout()
    wrong(lockout, 10, 0)
    wrong(lockout, 800, 10)
    assert wrong(lockout, 1, 15 * MINUTE + 0.5) == [0]


def test_another_name_and_another_address_are_not_concerned() -> None:
    lockout = Lockout()
    wrong(lockout, 20, 0)
    assert wrong(lockout, 1, 20, name="bo") == [0]
    assert wrong(lockout, 1, 20, address="192.0.2.2") == [0]


def test_an_address_that_tries_many_names_waits() -> None:
    lockout = Lockout()
    assert {wrong(lockout, 1, 0, name=f"n{n}")[0] for n in range(100)} == {0}
    [wait] = wrong(lockout, 1, 5, name="another")
    assert wait == HOUR - 5
    assert wrong(lockout, 1, 5, name="another", address="198.51.100.1") == [0]


def test_strangers_never_lock_out_a_browser_that_has_signed_in() -> None:
    lockout = Lockout()
    mine = Attempt("dana", "192.0.2.1", "the-device")
    for n in range(300):
        wrong(lockout, 10, n, address=f"192.0.2.{n % 250}")  # mine as well
        wrong(lockout, 1, n, name=f"n{n}")
    assert wrong(lockout, 1, 300) != [0]
    assert lockout.enter(mine, 300) == 0


def test_a_known_browser_has_its_own_ten_tries() -> None:
    lockout = Lockout()
    assert wrong(lockout, 11, 0, device="stolen")[9:] == [0, 15 * MINUTE - 10]
    assert wrong(lockout, 1, 20) == [0]
    assert wrong(lockout, 1, 20, device="another") == [0]
    assert wrong(lockout, 1, 20, device="stolen", name="bo") == [0]


def test_a_name_that_many_fail_at_stays_open_to_each_network_for_a_few_tries() -> None:
    lockout = Lockout()
    for n in range(100):
        assert wrong(lockout, 1, n, address=f"198.51.{n}.7") == [0]
    waits = wrong(lockout, 5, 100, address="203.0.113.5")
    assert [wait > 0 for wait in waits] == [False, False, False, True, True]
    # Not another three for each address of the same network.
    assert wrong(lockout, 1, 110, address="203.0.113.6") != [0]
    # From elsewhere, where nobody tried, it is not closed.
    assert wrong(lockout, 1, 110, address="192.0.2.1") == [0]
    # Nor is another name.
    assert wrong(lockout, 5, 110, address="203.0.113.5", name="bo") == [0] * 5


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", True),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
        ("::ffff:192.0.2.1", "192.0.2.1", True),
        ("fe80::1%eth0", "fe80::2%eth1", True),
        ("192.0.2.1", "192.0.2.2", False),
        ("testclient", "testclient", True),
        ("testclient", "", False),
    ],
)
def test_what_is_one_address(one: str, other: str, alike: bool) -> None:
    lockout = Lockout()
    wrong(lockout, 10, 0, address=one)
    assert (wrong(lockout, 1, 10, address=other) != [0]) is alike


def test_ipv6_networks_of_one_house_share_what_is_left_of_a_beset_name() -> None:
    lockout = Lockout()
    for n in range(100):
        wrong(lockout, 1, n, address=f"2001:db8:{n:x}::1")
    tries = [wrong(lockout, 1, 100, address=f"2001:db8:beef:{n:x}::1") for n in range(5)]
    assert [wait == [0] for wait in tries] == [True, True, True, False, False]


def test_success_forgives_what_this_person_mistyped_and_nothing_else() -> None:
    lockout = Lockout()
    wrong(lockout, 9, 0)
    mine = Attempt("dana", "192.0.2.1")
    assert lockout.enter(mine, 9) == 0
    lockout.succeeded(mine, 9)
    assert wrong(lockout, 10, 20) == [0] * 10
    # The address has failed 19 times all the same: 81 are left to it.
    for n in range(81):
        assert wrong(lockout, 1, 31, name=f"n{n}") == [0]
    assert wrong(lockout, 1, 32, name="another") != [0]


def test_whoever_signs_in_often_is_not_locked_out() -> None:
    lockout = Lockout()
    mine = Attempt("dana", "192.0.2.1")
    for n in range(500):
        assert lockout.enter(mine, n) == 0
        lockout.succeeded(mine, n)


def test_many_at_the_same_time_are_no_way_around() -> None:
    lockout = Lockout()
    mine = Attempt("dana", "192.0.2.1")
    assert [lockout.enter(mine, 0) == 0 for _ in range(20)] == [True] * 10 + [False] * 10
    for _ in range(10):
        lockout.take_back(mine, 0)
    assert lockout.enter(mine, 0) == 0


def test_names_that_are_made_up_take_no_more_memory() -> None:
    lockout = Lockout(most=400)
    wrong(lockout, 10, 0)
    for n in range(2_000):
        made_up = f"{n}-" * 1_000
        wrong(lockout, 1, 10 + n / 10, name=made_up, address=f"10.{n // 250}.{n % 250}.1")
        if n == 98:  # with four things kept for each, what was there first still is
            assert wrong(lockout, 1, 20) != [0]
    assert len(lockout._failures) == 400


def test_who_guesses_at_one_name_from_one_address_has_forty_tries_an_hour() -> None:
    lockout = Lockout()
    tries = sum(wait == 0 for wait in wrong(lockout, 24 * 3600, 0))
    assert tries == 24 * 40
