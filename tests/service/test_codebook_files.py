from __future__ import annotations

import contextlib
import csv
import io
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingest.errors import BadInput, FirsthandError
from ingest.library import Library
from ingest.tables import codebook_history, codes, judgements
from service import codebook
from service.codebook import NewCode
from service.codebook_entry import checked, folded
from service.codebook_files import LARGEST, Format, export, import_bytes, import_file, read
from service.shapes import Code

FORMATS: tuple[Format, ...] = ("csv", "yaml")
HOSTILE = ("=cmd|' /C calc'!A0", "+1", "-2", "@x", "\t=1", "'=quoted", "''", "＝1", "- a: b", "no")
TEXTS = st.one_of(st.text(max_size=40), st.sampled_from([*HOSTILE, "a | b", "\\| | \\", "x\r\ny"]))
NEW = st.builds(
    NewCode,
    label=st.text(min_size=1, max_size=30),
    definition=TEXTS,
    include=TEXTS,
    exclude=TEXTS,
    kind=st.sampled_from(["pain", "request", "praise", "risk", "competitor"]),
    examples=st.lists(TEXTS, max_size=3).map(tuple),
    counterexamples=st.lists(TEXTS, max_size=3).map(tuple),
)


def usable(code: NewCode) -> bool:
    try:
        return bool(checked(code, "it").label)
    except BadInput:
        return False


def contents(library: Library) -> list[Code]:
    """The active codes, whatever their ids."""
    with library.read() as connection:
        found = codebook.list_codes(connection)
    return [code.model_copy(update={"id": "", "pinned": False}) for code in found]


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    given_codes=st.lists(
        NEW.filter(usable), max_size=4, unique_by=lambda c: folded(checked(c, "").label)
    ),
    form=st.sampled_from(FORMATS),
)
def test_what_is_exported_and_loaded_again_is_the_same(
    library: Library, given_codes: list[NewCode], form: Format
) -> None:
    with library.change() as connection:
        for table in (codebook_history, judgements, codes):
            connection.execute(table.delete())
    codebook.put_codes(library, given_codes)
    before = contents(library)
    with library.read() as connection:
        data = export(connection, form)
    if not given_codes:
        with pytest.raises(BadInput, match="no codes"):
            import_bytes(library, data, form)
        return
    import_bytes(library, data, form)  # over what is there
    assert contents(library) == before
    with library.change() as connection:
        connection.execute(codes.delete())
    import_bytes(library, data, form)  # into an empty codebook
    assert contents(library) == before


def test_no_cell_is_a_formula(library: Library) -> None:
    codebook.put_codes(
        library,
        [
            NewCode(label=text, definition=text, include=text, examples=(text, "x"))
            for text in HOSTILE
        ],
    )
    with library.read() as connection:
        text = export(connection, "csv").decode("utf-8-sig")
    for row in csv.reader(io.StringIO(text, newline="")):
        for cell in row:
            assert not cell.startswith(("=", "+", "-", "@", "\t", "\r", "＝"))
    assert "'=cmd|' /C calc'!A0" in text


def test_examples_judged_on_calls_are_not_doubled_by_loading_an_export(filled: Library) -> None:
    (code,) = codebook.put_codes(filled, [NewCode(label="Alarms", examples=("It rings",))])
    codebook.judge(filled, code.id, "FC-2", 1, "confirm")
    for form in FORMATS:
        with filled.read() as connection:
            data = export(connection, form)
            before = codebook.judgements_of(connection)
        import_bytes(filled, data, form)
        with filled.read() as connection:
            after = codebook.judgements_of(connection)
        assert len(after) == 2
        assert {(j.call_id, j.words) for j in after} == {(j.call_id, j.words) for j in before}


def test_csv_as_people_make_it() -> None:
    text = (
        "Owner;LABEL;Kind;Examples\r\n"
        'Ida;False alarms;Risk;"It rings | It rings\nat night; loudly"\r\n'
        ";;;\r\n"
        "Tom;Export\r\n"
    )
    one, two = read(text.encode("cp1252"), "csv")
    assert (one.label, one.kind) == ("False alarms", "risk")
    assert one.examples == ("It rings", "It rings\nat night; loudly")
    assert "definition" not in one.model_fields_set
    assert (two.label, two.kind) == ("Export", "pain")
    assert read(text.encode("utf-16"), "csv") == [one, two]


def test_yaml_as_people_make_it() -> None:
    text = """
# our themes
- label: no
  definition: >
    Folded
    text
  examples:
    - 2026-05-04
    - yes
    - "null"
- {label: 'Two', include: ~, kind: PRAISE}
"""
    one, two = read(text.encode(), "yaml")
    assert (one.label, one.definition, one.kind) == ("no", "Folded text", "pain")
    assert one.examples == ("2026-05-04", "yes", "null")
    assert (two.include, two.kind) == ("", "praise")
    assert "exclude" not in two.model_fields_set


BOMB = b"a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: [*b,*b,*b,*b,*b,*b,*b]\n"


@pytest.mark.parametrize(
    ("form", "data", "says"),
    [
        ("csv", b"", "nothing in it"),
        ("csv", b"\xef\xbb\xbf \n\n", "blank space"),
        ("csv", b"label\n", "no codes in it"),
        ("csv", b"name,kind\nx,pain\n", "line 1 lacks the column 'label'; .* found are 'name'"),
        ("csv", b"label,kind,label\nx,,y\n", "has the column 'label' twice"),
        ("csv", b"label,kind\nx,pain\ny,pian\n", "line 3, kind: 'pian' is none; it can be pain"),
        ("csv", b"label\nx\n'\n\n X\n", "line 5 has the label 'X', which line 2 has already"),
        ("csv", b'label,kind\n"x\ny",pain\n,pain\n', "line 4: the label is empty"),
        ("csv", b"label,kind\nx,pain,more\n", "line 2 has 3 cells under 2 columns"),
        ("csv", b'label\n"open\n', "line 2 is not proper CSV"),
        ("csv", b"label\n" + b"x" * 140_000, "line 2 is not proper CSV"),
        ("csv", b"label\n" + b"x" * 300, "line 2, label: .* over 200 characters"),
        ("csv", b"label,definition\nx," + b"y" * 100_000, "definition: it has 100,000 .* 5,000"),
        ("csv", b"label\n\x81\x8d\n", "neither UTF-8, UTF-16 nor Windows-1252"),
        ("csv", bytes(range(256)) * 40, "no text|neither"),
        ("csv", b"label\n" + b"".join(b"c%d\n" % n for n in range(10_000)), "has 10,000 codes"),
        ("csv", b"x" * (LARGEST + 1), "over 4,000,000 bytes"),
        ("yaml", b"", "nothing in it"),
        ("yaml", b"# nothing\n", "no codes in it"),
        ("yaml", b"label: x\n", "no list of codes"),
        ("yaml", b"- x\n", "entry 1 is no code"),
        ("yaml", b"- label: x\n- kind: pain\n", "entry 2: it has no label"),
        ("yaml", b"- label:\n", "entry 1: the label is empty"),
        ("yaml", b"- label: x\n  lable: y\n", "entry 1 has the field 'lable', which is none of"),
        ("yaml", b"- label: x\n  kind: bad\n", "entry 1, kind: 'bad' is none"),
        ("yaml", b"- label: [x]\n", "entry 1, label: it has to be a text"),
        ("yaml", b"- label: x\n  examples: y\n", "entry 1, examples: it has to be a list of texts"),
        ("yaml", b"- label: x\n  examples: [[y]]\n", "line 2 is nested deeper"),
        ("yaml", b"- label: x\n  examples: [{a: b}]\n", "line 2 is nested deeper"),
        ("yaml", b"- label: x\n- label: 'X '\n", "entry 2 has the label 'X', which entry 1"),
        ("yaml", b"- label: x\n  label: y\n", "line 2 has a field that .* stands there twice"),
        ("yaml", b"- ? [a]\n  : b\n", "a field that is no name"),
        ("yaml", b"- label: x\n---\n- label: y\n", "line 2 begins a second document"),
        ("yaml", b"- label: 'x\n", "is not proper YAML"),
        ("yaml", b"- label: x\n\tkind: pain\n", "is not proper YAML"),
        ("yaml", b"- label: x\x01y\n", "is not proper YAML|no text"),
        ("yaml", b"- &a {label: x}\n- *a\n", r"line 2 refers to another place \(\*a\)"),
        ("yaml", BOMB, "line 2 refers to another place"),
        (
            "yaml",
            b"- !!python/object/apply:os.system ['true']\n",
            "line 1 has the tag 'tag:yaml.org",
        ),
        ("yaml", b"[" * 1_000_000, "nested deeper"),
        ("yaml", b"- " * 500_000, "nested deeper"),
        ("yaml", b"{" * 1_000_000, "nested deeper|no name"),
        ("yaml", b"".join(b"- label: c%d\n" % n for n in range(10_000)), "has 10,000 codes"),
    ],
)
def test_a_bad_file_is_one_sentence_and_nothing_is_written(
    library: Library, form: Format, data: bytes, says: str
) -> None:
    began = time.process_time()
    with pytest.raises(BadInput, match=says) as refused:
        import_bytes(library, data, form)
    assert time.process_time() - began < 3
    assert len(str(refused.value)) < 400
    assert "\n" not in str(refused.value)
    with library.read() as connection:
        assert codebook.list_codes(connection, dismissed=True) == []
        assert codebook.history(connection) == []


@settings(max_examples=150, deadline=None)
@given(data=st.binary(max_size=200), form=st.sampled_from(FORMATS))
def test_any_bytes_are_read_or_refused(data: bytes, form: Format) -> None:
    with contextlib.suppress(FirsthandError):
        assert read(data, form)


@settings(max_examples=150, deadline=None)
@given(
    text=st.text(alphabet="-:[]{}&*!|>'\"#?~ \n\tabl,", max_size=60), form=st.sampled_from(FORMATS)
)
def test_any_punctuation_is_read_or_refused(text: str, form: Format) -> None:
    with contextlib.suppress(FirsthandError):
        assert read(text.encode(), form)


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("codes.xlsx", "codes.xlsx: a codebook is a .csv or a .yaml file"),
        ("nope.csv", "nope.csv: there is no such file"),
        ("bad.yml", "bad.yml: entry 1: it has no label"),
        ("big.csv", "big.csv: it has over 4,000,000 bytes"),
        ("folder.csv", "there is no such file"),
    ],
)
def test_a_file_is_named(library: Library, tmp_path: Path, name: str, says: str) -> None:
    (tmp_path / "bad.yml").write_text("- kind: pain\n", "utf-8")
    (tmp_path / "folder.csv").mkdir()
    with (tmp_path / "big.csv").open("wb") as sink:
        sink.truncate(LARGEST + 1)
    with pytest.raises(FirsthandError, match=says):
        import_file(library, tmp_path / name)
