"""A quote and several taken home as files, from the page."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote

from playwright.sync_api import expect

from ingest.audio import probe
from tests.browser.conftest import Visits
from tests.durability.processes import Web


def test_a_clip_and_a_reel_are_downloaded(
    sample: Web, visit: Visits, tmp_path: Path, shots: Path
) -> None:
    seen = visit(sample, "/ask")
    page = seen.page
    (call,) = [c for c in seen.api("/api/calls") if c["has_audio"]]
    seen.go(f"/ask?q=What+do+they+need%3F&account={quote(call['account_id'])}")
    button = page.locator(".answer:not(.coming) .quote .clip").first
    expect(button).to_have_text("Download clip")
    downloaded = seen.hears(button, "✓ Downloaded")
    button.focus()
    with page.expect_download() as clip:
        page.keyboard.press("Enter")
    clip.value.save_as(tmp_path / "clip.m4a")
    assert clip.value.suggested_filename.startswith(f"{call['call_id']}-")
    assert 0.5 < (probe(tmp_path / "clip.m4a").duration_s or 0) < 60
    downloaded()
    expect(button).to_be_focused()
    seen.shot(shots, "clip")
    with page.expect_download() as reel:
        page.get_by_role("button", name="Download as a reel").first.click()
    reel.value.save_as(tmp_path / "reel.mp4")
    assert reel.value.suggested_filename == "reel.mp4"
    assert probe(tmp_path / "reel.mp4").has_video
    # A film that the browser plays as it is.
    size = page.evaluate(
        """async (bytes) => {
          const video = document.createElement("video");
          const url = URL.createObjectURL(new Blob([new Uint8Array(bytes)], { type: "video/mp4" }));
          await new Promise((done, fail) => {
            video.onloadeddata = done;
            video.onerror = () => fail(video.error.message);
            video.src = url;
          });
          return [video.videoWidth, video.videoHeight, video.duration];
        }""",
        list((tmp_path / "reel.mp4").read_bytes()),
    )
    assert size[:2] == [1280, 720]
    assert seen.barriers() == []


def test_a_line_of_a_call_is_downloaded_and_a_refusal_is_told(
    sample: Web, visit: Visits, tmp_path: Path
) -> None:
    seen = visit(sample, "/calls", width=390)
    page = seen.page
    (call,) = [c for c in seen.api("/api/calls") if c["has_audio"]]
    seen.go(f"/calls/{call['call_id']}")
    page.locator("#transcript .more-of").first.click()
    button = page.locator(".line-panel .clip")
    with page.expect_download() as clip:
        button.click()
    clip.value.save_as(tmp_path / "clip.m4a")
    assert not probe(tmp_path / "clip.m4a").has_video
    assert seen.sideways() == 0
    told = "The customer has not agreed."
    page.route(
        "**/clips/*",
        lambda route: route.fulfill(
            status=404, content_type="application/problem+json", body=f'{{"detail": "{told}"}}'
        ),
    )
    button.click()
    expect(page.locator(".line-panel .clip-said")).to_have_text(told)
    expect(button).to_have_text("Download clip")
