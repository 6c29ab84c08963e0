"""A recording that browsers do not play well is played from its copy, at any second at once."""

from __future__ import annotations

import wave
from pathlib import Path

import numpy as np

from ingest.library import Library, Options
from ingest.models import RATE
from ingest.pipeline import About, receive
from ingest.playback import make
from ingest.store import playback_name, update_call
from tests.browser.conftest import Serve, Visits
from tests.ingest.sounds import tone

MINUTES = 10
JUMP = """async (at) => {
  const sound = new Audio(`/api/calls/${document.getElementById("main").dataset.call}/audio`);
  const once = (name) => new Promise((done, fail) => {
    sound.addEventListener(name, done, { once: true });
    sound.addEventListener("error", () => fail(sound.error.message), { once: true });
  });
  sound.preload = "metadata";
  sound.muted = true;
  await once("loadedmetadata");
  const sought = once("seeked");
  sound.currentTime = at;
  await sought;
  const buffered = [...Array(sound.buffered.length).keys()]
    .reduce((sum, n) => sum + sound.buffered.end(n) - sound.buffered.start(n), 0);
  await sound.play();
  return { long: sound.duration, at: sound.currentTime, buffered };
}"""


def test_chromium_jumps_in_the_copy_without_fetching_all_of_it(
    tmp_path: Path, serve: Serve, visit: Visits
) -> None:
    path = tmp_path / "long.wav"
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        minute = (tone(60.0) * 32767).astype(np.int16).tobytes()
        for _ in range(MINUTES):
            file.writeframes(minute)
    library = Library(tmp_path / "home", Options(models=tmp_path))
    call_id = receive(library, path, About()).call_id
    make(library, call_id)
    with library.change() as connection:
        update_call(connection, call_id, state="ready")
        copy = playback_name(connection, call_id) or ""
    size = library.media.size(copy)
    library.close()
    assert size < path.stat().st_size / 4

    seen = visit(serve(tmp_path / "home"), f"/calls/{call_id}")
    found = seen.page.evaluate(JUMP, 500)
    assert abs(found["long"] - 60 * MINUTES) < 0.1
    assert 500 <= found["at"] < 505
    assert found["buffered"] < 400  # seconds: what lies before the jump was not waited for
