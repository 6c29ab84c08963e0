// The controls of the recording on the page of a call: they steer the one audio element.

import { counts, KINDS, room } from "./call-data.js";
import { isLost } from "./connection.js";
import { byId, el } from "./element.js";
import { clock } from "./format.js";
import { sound } from "./player.js";
import { svg } from "./svg.js";
import { say } from "./toast.js";
import { lineNumber, playableAt, utteranceOf } from "./transcript.js";

const SPEEDS = [0.75, 1, 1.25, 1.5, 1.75, 2];
const KEPT = "speed"; // in the browser's storage

const button = byId("play-pause");
const position = byId("position");
const speed = byId("speed");
let held = false; // somebody drags the slider

export const length = () => (Number.isFinite(sound.duration) ? sound.duration : room.call.duration_s ?? 0);

export function startPlayer(playFrom) {
  button.addEventListener("click", () => playOrPause(playFrom));
  speed.replaceChildren(...SPEEDS.map((one) => el("option", { value: one }, `${one}×`)));
  speed.addEventListener("change", () => setSpeed(Number(speed.value)));
  setSpeed(Number(remembered()) || 1);
  position.addEventListener("input", () => {
    held = true;
    showTime(Number(position.value));
  });
  position.addEventListener("change", () => {
    held = false;
    sound.currentTime = Number(position.value);
  });
  for (const happening of ["timeupdate", "seeked", "loadedmetadata", "durationchange"]) sound.addEventListener(happening, show);
  for (const happening of ["play", "pause", "ended", "waiting", "playing"]) sound.addEventListener(happening, showState);
  sound.addEventListener("error", () => {
    if (!isLost()) say("This browser cannot play this recording; its words are all here.", null, true);
  });
  show();
}

export function playOrPause(playFrom) {
  if (!sound.paused) sound.pause();
  else if (sound.readyState === 0 || sound.ended) playFrom(sound.ended ? 0 : sound.currentTime);
  else {
    byId("player").hidden = false;
    // A pause while it starts is no failure; of any other, `playFrom` says why it cannot.
    sound.play().catch((error) => { if (error.name !== "AbortError") playFrom(sound.currentTime); });
  }
}

export function jump(seconds) {
  sound.currentTime = Math.min(Math.max(0, seconds), length());
}

export function faster(steps) {
  const n = SPEEDS.indexOf(sound.playbackRate);
  setSpeed(SPEEDS[Math.min(Math.max((n < 0 ? 1 : n) + steps, 0), SPEEDS.length - 1)]);
}

function setSpeed(rate) {
  const one = SPEEDS.includes(rate) ? rate : 1;
  sound.defaultPlaybackRate = one; // stays when another recording is loaded
  sound.playbackRate = one;
  speed.value = one;
  try {
    localStorage.setItem(KEPT, one);
  } catch {
    // A browser that keeps nothing forgets the speed with the page.
  }
}

function remembered() {
  try {
    return localStorage.getItem(KEPT);
  } catch {
    return null;
  }
}

function show() {
  position.max = length();
  if (!held) {
    position.value = sound.currentTime;
    showTime(sound.currentTime);
  }
}

function showTime(seconds) {
  byId("clock").textContent = `${clock(seconds)} / ${clock(length())}`;
  position.setAttribute("aria-valuetext", `${clock(seconds)} of ${clock(length())}`);
}

function showState() {
  button.classList.toggle("playing", !sound.paused);
  button.classList.toggle("waiting", !sound.paused && sound.readyState < HTMLMediaElement.HAVE_FUTURE_DATA);
  button.setAttribute("aria-label", sound.paused ? "Play" : "Pause");
}

// Where in the recording the evidence is.
export function showMarks() {
  const whole = room.call.duration_s;
  if (!room.call.has_audio || !whole) return;
  const marks = room.items.filter(counts).map((item) => [item.kind, utteranceOf(lineNumber(item.utterance))]);
  byId("marks").replaceChildren(...marks.filter(([kind, one]) => KINDS.includes(kind) && playableAt(one)).map(([kind, one]) =>
    svg("rect", { class: kind, x: ((1000 * one.start_s) / whole).toFixed(1), y: 0, height: 10,
      width: Math.max(4, (1000 * ((one.end_s ?? one.start_s) - one.start_s)) / whole).toFixed(1) })));
}
