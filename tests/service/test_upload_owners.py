"""Whose an upload is, how many a person may have under way, and how much they may send on a day."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ingest.errors import NotFound, TooOften
from ingest.library import Library
from service.access.person import Person, at_the_machine
from service.settings import Settings
from service.upload_folder import Announced
from service.uploads import Uploads

DANA = Person("u1", "Dana", "editor", "session")
EVE = Person("u2", "Eve", "editor", "session")
ADMIN = Person("u3", "Ada", "admin", "session")
MB = 1_000_000

Of = Callable[..., Uploads]


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Library]:
    settings = Settings(home=tmp_path / "home", models=tmp_path)
    opened = Library(settings.home, settings.options())
    yield opened
    opened.close()


@pytest.fixture
def uploads(home: Library) -> Of:
    """The uploads of the home as a person has to do with them, under other settings."""

    def of(person: Person, **changes: object) -> Uploads:
        settings = Settings(home=home.home, min_free_mb=0).model_copy(update=changes)
        return Uploads(home, settings, person)

    return of


def begin(uploads: Uploads, length: int = MB) -> str:
    return uploads.create(Announced(filename="a.md", length=length)).upload_id


def test_an_upload_is_of_who_began_it(uploads: Of) -> None:
    made = begin(uploads(DANA))
    by_token = Person("u1", "Dana", "editor", "token")
    assert uploads(by_token).get(made).offset == 0
    for other in (EVE, ADMIN, at_the_machine()):
        with pytest.raises(NotFound, match="There is no such upload"):
            uploads(other).get(made)
        with pytest.raises(NotFound, match="There is no such upload"):
            uploads(other).arriving(made, 0)
    with pytest.raises(NotFound, match="There is no such upload"):
        uploads(EVE).terminate(made)
    writer = uploads(DANA).arriving(made, 0)
    writer.write(b"words")
    writer.close()
    assert uploads(DANA).get(made).offset == 5


def test_another_persons_upload_is_told_of_as_one_that_never_was(uploads: Of) -> None:
    told = []
    for upload_id in (begin(uploads(DANA)), "0" * 32, "../../etc"):
        with pytest.raises(NotFound) as problem:
            uploads(EVE).get(upload_id)
        told.append(str(problem.value))
    assert len(set(told)) == 1


def test_an_admin_may_end_anybodys(uploads: Of) -> None:
    made = begin(uploads(DANA))
    uploads(ADMIN).terminate(made)
    with pytest.raises(NotFound):
        uploads(DANA).get(made)


def test_what_was_begun_before_there_were_users_is_the_machines(uploads: Of) -> None:
    made = begin(uploads(at_the_machine()))
    assert uploads(at_the_machine()).get(made).length == MB
    with pytest.raises(NotFound):
        uploads(DANA).get(made)


def test_a_person_has_so_many_under_way(uploads: Of) -> None:
    made = [begin(uploads(DANA, max_uploads=2)) for _ in range(2)]
    with pytest.raises(TooOften, match="You have 2 uploads under way") as problem:
        begin(uploads(DANA, max_uploads=2))
    assert (problem.value.status, problem.value.retry_after_s) == (429, 30)
    with pytest.raises(TooOften), uploads(DANA, max_uploads=2).passing(MB):
        pass
    begin(uploads(EVE, max_uploads=2))  # is not kept from theirs
    uploads(DANA).terminate(made[0])
    begin(uploads(DANA, max_uploads=2))


def test_a_form_under_way_counts_as_well(uploads: Of) -> None:
    with uploads(DANA, max_uploads=1).passing(MB), pytest.raises(TooOften):
        begin(uploads(DANA, max_uploads=1))
    begin(uploads(DANA, max_uploads=1))


def test_a_person_sends_so_much_on_a_day(uploads: Of) -> None:
    limited = uploads(DANA, max_upload_mb_per_day=3)
    begin(limited, 2 * MB)
    with pytest.raises(TooOften, match="the limit is 3 MB a day") as problem:
        begin(limited, 2 * MB)
    assert 0 < problem.value.retry_after_s <= 24 * 3600
    begin(uploads(EVE, max_upload_mb_per_day=3), 2 * MB)
    begin(uploads(DANA, max_upload_mb_per_day=3), MB)  # as after a restart
    with pytest.raises(TooOften):
        begin(limited, 1)


def test_the_next_day_begins_with_nothing(uploads: Of, home: Library) -> None:
    limited = uploads(DANA, max_upload_mb_per_day=3)
    begin(limited, 3 * MB)
    file = home.home / "uploads.day"
    text = file.read_text()
    assert '"u1": 3000000' in text
    file.write_text(text.replace('"day": "20', '"day": "19'))
    begin(limited, 3 * MB)
    file.write_bytes(b"")  # as a loss of power may leave it
    begin(limited, 3 * MB)
    assert file.stat().st_size > 0


def test_what_did_not_come_after_all_is_given_back(uploads: Of) -> None:
    limited = uploads(DANA, max_upload_mb_per_day=3)
    made = begin(limited, 3 * MB)
    writer = limited.arriving(made, 0)
    writer.write(bytes(MB))
    writer.close()
    uploads(ADMIN, max_upload_mb_per_day=3).terminate(made)
    begin(limited, 2 * MB)
    with pytest.raises(TooOften):
        begin(limited, 1)


def test_a_form_counts_what_came_of_it(uploads: Of) -> None:
    limited = uploads(DANA, max_upload_mb_per_day=3)
    with limited.passing(3 * MB) as folder:
        (folder / "a.md").write_bytes(bytes(MB))
    begin(limited, 2 * MB)
    with pytest.raises(TooOften):
        begin(limited, 1)


def test_without_a_limit_nothing_is_kept_of_it(uploads: Of, home: Library) -> None:
    begin(uploads(DANA), 5 * MB)
    assert not (home.home / "uploads.day").exists()
