"""Which files of a folder are of one meeting, by their names and what is in them."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingest.meeting_files import meetings, spare
from ingest.partners import meeting_of

WORDS = "WEBVTT\n\n00:01.000 --> 00:02.000\nMira Holt: How many bulbs?\n"
NAMELESS = "WEBVTT\n\n00:01.000 --> 00:02.000\nHow many bulbs?\n"
CHAT = "00:58:04\tMira Holt:\tthe link\n"
CONTENT = {".vtt": WORDS, ".txt": CHAT, ".md": "Mira Holt: How many?\nTom Frey: Two.\n"}

Found = list[tuple[str | None, str | None, str | None, tuple[str, ...]]]


def found(folder: Path, *names: str, **contents: str) -> Found:
    files = []
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(contents.get(path.stem, CONTENT.get(path.suffix, "")))
        files.append(path)

    def called(path: Path | None) -> str | None:
        return None if path is None else path.relative_to(folder).as_posix()

    return [
        (
            called(m.recording),
            called(m.transcript),
            called(m.chat),
            tuple(sorted(called(other) or "" for other in m.others)),
        )
        for m in meetings(files)
    ]


def test_a_folder_of_zooms_cloud(tmp_path: Path) -> None:
    one, two = "GMT20250203-150231_Recording", "GMT20250204-090000_Recording"
    files = (
        f"{one}_1920x1080.mp4",
        f"{one}_gallery_1280x720.mp4",
        f"{one}.m4a",
        f"{one}.transcript.vtt",
        f"{one}.cc.vtt",
        f"{one}newChat.txt",
        f"{two}.mp4",
    )
    assert found(tmp_path, *files, **{f"{one}.cc": NAMELESS}) == [
        (
            f"{one}.m4a",
            f"{one}.transcript.vtt",
            f"{one}newChat.txt",
            (f"{one}.cc.vtt", f"{one}_1920x1080.mp4", f"{one}_gallery_1280x720.mp4"),
        ),
        (f"{two}.mp4", None, None, ()),
    ]


def test_folders_of_zooms_program(tmp_path: Path) -> None:
    a, b = "2025-02-03 15.02.31 Frey 1", "2025-02-04 15.02.31 Frey 1"
    files = (
        f"{a}/audio_only.m4a",
        f"{a}/zoom_0.mp4",
        f"{a}/chat.txt",
        f"{b}/audio123456.m4a",
        f"{b}/video123456.mp4",
        f"{b}/chat.txt",
        f"{b}/closed_caption.vtt",
    )
    assert found(tmp_path, *files) == [
        (f"{a}/audio_only.m4a", None, f"{a}/chat.txt", (f"{a}/zoom_0.mp4",)),
        (
            f"{b}/audio123456.m4a",
            f"{b}/closed_caption.vtt",
            f"{b}/chat.txt",
            (f"{b}/video123456.mp4",),
        ),
    ]


@pytest.mark.parametrize(
    ("recording", "transcript"),
    [
        ("Frey check-in.mp4", "Frey check-in.vtt"),
        ("Frey check-in.mp4", "frey_check-in.transcript.vtt"),
        (
            "Frey-20260203_150231-Meeting Recording.mp4",
            "Frey-20260203_150231-Meeting Transcript.vtt",
        ),
        ("Frey (2026-02-03 15:02 GMT+1).mp4", "Frey (2026-02-03 15:02 GMT+1) - Transcript.md"),
        ("visit.m4a", "visit_otter.md"),
    ],
)
def test_recording_and_transcript_of_one_name(
    tmp_path: Path, recording: str, transcript: str
) -> None:
    others = [f"other {n}.m4a" for n in range(20)]
    pairs = [(name, None, None, ()) for name in others]
    assert found(tmp_path, recording, transcript, *others) == [
        (recording, transcript, None, ()),
        *pairs,
    ]


def test_the_only_two_of_a_folder(tmp_path: Path) -> None:
    assert found(tmp_path, "a/sound.m4a", "a/what was said.vtt") == [
        ("a/sound.m4a", "a/what was said.vtt", None, ())
    ]
    apart = [("b/one.m4a", None, None, ()), ("b/two.m4a", None, None, ())]
    assert found(tmp_path, "b/one.m4a", "b/two.m4a", "b/what was said.vtt") == [
        *apart,
        (None, "b/what was said.vtt", None, ()),
    ]


def test_names_that_tell_nothing_put_nothing_together(tmp_path: Path) -> None:
    for name in ("call.m4a", "audio.m4a", "7.m4a", "recording.mp4", "video123456.mp4", "z.mp3"):
        assert meeting_of(name) is None
    for names in (("call.m4a", "call 2.m4a", "meeting.vtt"), ("a.vtt", "b.md", "z.mp3")):
        assert sorted(len(m[3]) for m in found(tmp_path, *names)) == [0, 0, 0]


def test_several_formats_of_one_transcript(tmp_path: Path) -> None:
    """With the recording they are one call; by themselves nothing is left out."""
    names = ("Frey.md", "Frey.vtt")
    assert found(tmp_path / "a", *names) == [
        (None, "Frey.md", None, ()),
        (None, "Frey.vtt", None, ()),
    ]
    assert found(tmp_path / "b", "Frey.m4a", *names) == [
        ("Frey.m4a", "Frey.vtt", None, ("Frey.md",))
    ]


def test_a_chat_alone(tmp_path: Path) -> None:
    assert found(tmp_path, "chat.txt") == [(None, None, None, ("chat.txt",))]


def test_what_another_file_has_is_told_by_names() -> None:
    stamp = "GMT20250203-150231_Recording"
    of_cloud = [
        f"{stamp}{rest}" for rest in ("_1920x1080.mp4", ".m4a", ".cc.vtt", ".transcript.vtt")
    ]
    assert spare([*of_cloud, f"{stamp}newChat.txt", "other.mp4", "other.m4a"]) == {
        of_cloud[0]: of_cloud[1],
        of_cloud[2]: of_cloud[3],
    }
    assert spare(of_cloud, [of_cloud[0]]) == {of_cloud[1]: of_cloud[0], of_cloud[2]: of_cloud[3]}
    assert spare(["audio_only.m4a", "video1234.mp4", "chat.txt"]) == {
        "video1234.mp4": "audio_only.m4a"
    }
    assert spare(["audio.m4a", "video.mp4", "Roof check.mp4"]) == {"video.mp4": "audio.m4a"}
    assert spare(["call.mp3", "recording.mp3"]) == {}
