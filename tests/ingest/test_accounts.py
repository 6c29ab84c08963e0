"""Accounts as CRMs export them, and the faults that are named by line and column."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from ingest.accounts import read_accounts
from ingest.errors import BadInput
from ingest.models import Account

HEAD = "account_id,name,arr_usd,tier,segment,region,renewal_date,health,owner"


def test_every_column(tmp_path: Path) -> None:
    path = tmp_path / "accounts.csv"
    path.write_text(
        f'{HEAD}\nA-1,"Lind, Doors",21600,smb,Trade,North,2026-11-15,yellow,Ana\nB,Bo\n'
    )
    assert read_accounts(path) == [
        Account(
            account_id="A-1",
            name="Lind, Doors",
            arr_usd=21600.0,
            tier="smb",
            segment="Trade",
            region="North",
            renewal_date=date(2026, 11, 15),
            health="yellow",
            owner="Ana",
        ),
        Account(account_id="B", name="Bo"),
    ]


@pytest.mark.parametrize(
    "content",
    [
        f"\ufeff{HEAD}\r\nA-1,Bo,21600\r\n\r\n".encode(),
        "account_id;name;arr_usd\nA-1;Bo;21600.00\n".encode("utf-16"),
        b'account_id\tname\tarr_usd\tAnything\nA-1\tBo\t"$21,600"\t7\n',
        b"\n Name ,Account ID,ARR USD\nBo,A-1,$21600 USD\n",
    ],
)
def test_what_other_programs_write(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "accounts.csv"
    path.write_bytes(content)
    assert read_accounts(path) == [Account(account_id="A-1", name="Bo", arr_usd=21600.0)]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "nothing in it"),
        (HEAD, "no accounts below"),
        ("account_id,arr_usd\nA,1\n", "line 1 lacks the column 'name'"),
        ("account_id,name,name\nA,B,C\n", "'name' twice"),
        (
            "account_id,name\nA,Bo\n\nC,Di\nA,Fy\n",
            "line 5 has the account_id 'A' again, which line 2",
        ),
        ("account_id,name\n../x,Bo\n", "line 2, column 'account_id'"),
        ("account_id,name\n.x,Bo\n", "line 2, column 'account_id'"),
        (f"account_id,name\n{'x' * 65},Bo\n", "line 2, column 'account_id'"),
        ("account_id,name\n,Bo\n", "line 2, column 'account_id'"),
        ("account_id,name\nA,\n", "line 2, column 'name'"),
        (f"account_id,name\nA,{'x' * 201}\n", "line 2, column 'name'"),
        ("account_id,name\nA,Bo,C\n", "line 2 has 3 cells under 2 columns"),
        ('account_id,name\nA,"Bo"x\n', "line 2 is not proper CSV"),
        ("account_id,name,renewal_date\nA,Bo,soon\n", "line 2, column 'renewal_date'"),
        ("account_id,name,renewal_date\nA,Bo,12.05.2026\n", "two ways"),
    ],
)
def test_faults(text: str, says: str) -> None:
    with pytest.raises(BadInput) as caught:
        read_accounts(text)
    assert says in str(caught.value)


@pytest.mark.parametrize(
    "amount", ["x", "-5", "nan", "inf", "1e5", "12,00", "21.600", "€5", "5k", "9" * 40, "=1+1"]
)
def test_amounts_are_never_guessed(amount: str) -> None:
    with pytest.raises(BadInput, match="line 2, column 'arr_usd'"):
        read_accounts(f'account_id;name;arr_usd\nA;Bo;"{amount}"\n')


def test_formulas_stay_text_and_unseen_characters_go() -> None:
    (account,) = read_accounts("account_id,name,owner\nA,=cmd|' /C calc'!A0,\u202eAna\u0000\n")
    assert (account.name, account.owner) == ("=cmd|' /C calc'!A0", "Ana")


def test_the_file_is_named(tmp_path: Path) -> None:
    path = tmp_path / "mine.csv"
    path.write_text("name\nBo\n")
    with pytest.raises(BadInput, match=r"mine\.csv: line 1 lacks the column 'account_id'"):
        read_accounts(path)
