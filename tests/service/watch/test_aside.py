from __future__ import annotations

import pytest

from ingest.errors import BadInput
from service.watch.aside import above, beside, read
from service.watch.sources import Entry


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        (
            "a.vtt.firsthand.json",
            b'{"account": "Acme", "date": "2026-05-12"}',
            {"account": "Acme", "date": "2026-05-12"},
        ),
        ("a.vtt.firsthand.json", b'{"account_id": 1001, "title": null}', {"account": "1001"}),
        (
            "firsthand.yaml",
            b"account: Acme\nconsent: refused\n",
            {"account": "Acme", "consent": "refused"},
        ),
        (
            "firsthand.yaml",
            "\ufefftitle: Größe\ndate: 2026-05-12".encode("utf-16"),
            {"title": "Größe", "date": "2026-05-12"},
        ),
        ("firsthand.yaml", b"title: no\n", {"title": "no"}),
    ],
)
def test_what_is_said_beside_a_file(name: str, data: bytes, said: dict[str, str]) -> None:
    assert read(data, name) == said


@pytest.mark.parametrize(
    ("name", "data", "why"),
    [
        ("a.firsthand.json", b'{"account": "Ac', "the JSON is cut off or broken at line 1"),
        ("a.firsthand.json", b"[" * 100_000, "nested too deeply|cut off"),
        ("a.firsthand.json", b'["Acme"]', "it has to have fields"),
        ("a.firsthand.json", b'{"consnt": "refused"}', "the field 'consnt', which is none of"),
        ("a.firsthand.json", b'{"date": {"year": 2026}}', "its date has to be a text"),
        ("a.firsthand.json", b'{"consent": true}', "its consent has to be a text"),
        ("a.firsthand.json", b'{"account": "a", "account_id": "b"}', "both an account and an"),
        ("firsthand.yaml", b"a: &x [1]\nb: *x\n", "nested deeper|another place"),
        ("firsthand.yaml", b"account: !!python/object:os.system x\n", "has the tag"),
        ("firsthand.yaml", b"account: [", "not proper YAML|nested deeper"),
        ("firsthand.yaml", b"account_from: name\n", "its account_from can only be: folder"),
        ("a.firsthand.json", b'{"name": "{title}"}', "the field 'name', which is none of"),
        ("firsthand.yaml", b"", "the file has only blank space in it"),
        ("firsthand.yaml", b"\x00\x01\x02\x03\x04\x05", "it looks binary"),
    ],
)
def test_what_cannot_be_read_is_one_sentence(name: str, data: bytes, why: str) -> None:
    with pytest.raises(BadInput, match=why) as told:
        read(data, name)
    assert str(told.value).startswith(name)
    assert "\n" not in str(told.value)


def test_the_nearest_is_the_last() -> None:
    names = [
        *("firsthand.yaml", "a/firsthand.yml", "a/b/firsthand.yaml", "c/firsthand.yaml"),
        *("a/b/x.vtt.firsthand.json", "a/b/firsthand.yaml.firsthand.json"),
    ]
    there = {name: Entry(name, 1, "", "") for name in names}
    assert [e.path for e in above("a/b/x.vtt", there)] == [names[0], names[1], names[2]]
    assert [e.path for e in beside("a/b/x.vtt", there)] == [names[4]]
    assert above("d/x.vtt", there) == [there["firsthand.yaml"]]
