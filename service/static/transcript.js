// What was said, line by line, in step with the recording.

import { byId, el } from "./element.js";
import { clock } from "./format.js";
import { cue, play, sound } from "./player.js";

const HANDS_OFF_MS = 4000; // after the reader scrolls, the page does not scroll by itself so long

let timed = []; // [start, end, line] in order
let touched = 0;

export function showTranscript(call) {
  const people = new Map(call.speakers.map((speaker) => [speaker.label, speaker]));
  timed = [];
  let last = null;
  const lines = call.utterances.map((utterance) => {
    const who = people.get(utterance.speaker) ?? { name: utterance.speaker, role: "" };
    const playable = call.has_audio && utterance.start_s !== null;
    const name = el("span", { class: utterance.speaker === last ? "who again" : "who" }, who.name);
    const time = clock(utterance.start_s);
    const line = el(
      "li",
      { id: `u${utterance.i}`, class: who.role, tabindex: -1 },
      playable
        ? el("button", { type: "button", class: "time", "aria-label": `Play from ${time}, ${who.name}` }, time)
        : el("span", { class: "time" }, time),
      name,
      el("p", {}, utterance.text),
    );
    if (playable) {
      line.classList.add("playable");
      line.addEventListener("click", () => {
        if (String(getSelection()) === "") play(moment(call, utterance.start_s));
      });
      timed.push([utterance.start_s, utterance.end_s ?? Infinity, line]);
    }
    last = utterance.speaker;
    return line;
  });
  byId("transcript").replaceChildren(...lines);
  const none = call.state === "ready" && lines.length === 0 ? "Nobody speaks in this call." : "";
  byId("hint").textContent = lines.length === 0 ? none
    : call.has_audio ? "Click a line to play from it." : "This call came as a transcript; there is no sound to play.";
}

// Marks the line being spoken. Call once; it follows later drawings too.
export function listen(call) {
  for (const happening of ["wheel", "touchmove", "keydown"]) {
    addEventListener(happening, () => { touched = Date.now(); }, { passive: true });
  }
  if (!call.has_audio) return;
  for (const happening of ["timeupdate", "seeked"]) sound.addEventListener(happening, follow);
}

// `?t=SECONDS` readies the player there; `#u14` shows that line.
export function pointAt(call, { search, hash }) {
  for (const old of document.querySelectorAll(".pointed")) old.classList.remove("pointed");
  const line = /^#u\d+$/.test(hash) ? byId(hash.slice(1)) : null;
  const seconds = Number.parseFloat(new URLSearchParams(search).get("t") ?? "");
  const at = Number.isFinite(seconds) && seconds >= 0 ? seconds : 0;
  if (call.has_audio && call.state === "ready") cue(moment(call, at));
  const shown = line ?? (at > 0 ? lineAt(at) : null);
  if (shown) {
    shown.classList.add("pointed");
    shown.scrollIntoView({ block: "center" });
    if (line) line.focus({ preventScroll: true });
  }
}

const moment = (call, start) => ({
  callId: call.call_id, start, end: null, name: call.title, from: "", button: null,
});

// The last line that has begun; people who talk at once both have lines, and the later one wins.
function lineAt(seconds) {
  let low = 0;
  let high = timed.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (timed[middle][0] <= seconds + 0.01) low = middle + 1;
    else high = middle;
  }
  return low > 0 ? timed[low - 1][2] : null;
}

function follow() {
  const line = lineAt(sound.currentTime);
  const old = document.querySelector(".spoken");
  if (line === old) return;
  old?.classList.remove("spoken");
  old?.removeAttribute("aria-current");
  if (line === null) return;
  line.classList.add("spoken");
  line.setAttribute("aria-current", "true");
  const box = line.getBoundingClientRect();
  const away = box.top < 80 || box.bottom > innerHeight - 120;
  if (away && !sound.paused && Date.now() - touched > HANDS_OFF_MS) line.scrollIntoView({ block: "center" });
}
