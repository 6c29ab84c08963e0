// What was said, line by line. Every line is in the document, so that the browser's own search,
// print and reading aloud reach it; those far away cost nothing, because the stylesheet lets the
// browser leave them unpainted (`content-visibility`).

import { room, speakerOf } from "./call-data.js";
import { byId } from "./element.js";
import { several } from "./format.js";
import { lineOf } from "./line.js";
import { may } from "./may.js";

const TONES = 6; // colours of speakers in the stylesheet

const list = byId("transcript");
const drawn = new Map(); // number: what the line was drawn from
let timed = []; // [start, line number] in order
let current = null; // the line that the Tab key reaches
let redrawn = () => {};

export const toneOf = (label) =>
  Math.max(0, room.call.speakers.findIndex((one) => one.label === label)) % TONES;

export const utteranceOf = (line) => room.call.utterances.find((one) => one.i === Number(line.dataset.i));

export const lineNumber = (i) => byId(`u${i}`);

export const onRedrawn = (listener) => { redrawn = listener; };

export const playableAt = (utterance) => room.call.has_audio && utterance.start_s !== null;

// Of a line of a meeting tool not a word was heard in the recording: where it lies there is a guess.
const guessedAt = (utterance) => playableAt(utterance) && room.call.words_from === "transcript" && utterance.confidence === 0;

// Draws what changed and leaves the other lines alone, with their place and their focus.
export function showTranscript() {
  const { call } = room;
  const same = list.children.length === call.utterances.length
    && call.utterances.every((one, n) => list.children[n].dataset.i === String(one.i));
  if (!same) drawn.clear();
  let last = null;
  const lines = call.utterances.map((utterance) => {
    const who = speakerOf(utterance.speaker);
    const view = { who, tone: toneOf(who.label), again: last === utterance.speaker, playable: playableAt(utterance), guessed: guessedAt(utterance), items: room.byLine.get(utterance.i) ?? [] };
    last = utterance.speaker;
    const key = JSON.stringify([utterance, view]);
    if (drawn.get(utterance.i) === key) return null;
    drawn.set(utterance.i, key);
    return lineOf(utterance, view);
  });
  if (!same) list.replaceChildren(...lines);
  else lines.forEach((line, n) => { if (line) replace(list.children[n], line); });
  timed = call.utterances.filter(playableAt).map((one) => [one.start_s, one.i]);
  reach(lineNumber(current?.dataset.i) ?? list.firstElementChild);
  byId("hint").textContent = hint(call);
}

function replace(old, line) {
  // Words that somebody is writing stay; those that are being saved are read-only by then.
  if (old.querySelector(".writing textarea:not([readonly])")) return drawn.delete(Number(old.dataset.i));
  for (const name of ["spoken", "pointed", "out"]) line.classList.toggle(name, old.classList.contains(name));
  if (old.ariaCurrent) line.ariaCurrent = old.ariaCurrent;
  const focused = old.contains(document.activeElement);
  old.replaceWith(line);
  if (focused) line.focus({ preventScroll: true });
  redrawn(line);
}

function hint(call) {
  if (call.state === "working") return "This call is still being heard.";
  if (call.utterances.length === 0) return call.state === "ready" ? "Nobody speaks in this call." : "";
  const what = call.has_audio ? "Click a line to play from it." : "This call came as a transcript; there is no sound to play.";
  return `${what} Select words to ${may("editor") ? "keep them as evidence or to " : ""}quote them.`;
}

// The last line that starts at or before `seconds`.
export function lineAt(seconds) {
  let low = 0;
  let high = timed.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (timed[middle][0] <= seconds + 0.01) low = middle + 1;
    else high = middle;
  }
  return low > 0 ? lineNumber(timed[low - 1][1]) : null;
}

// The start of the line `steps` away from the one at `seconds`.
export function startAway(seconds, steps) {
  const here = lineAt(seconds);
  const n = timed.findIndex(([, i]) => here?.id === `u${i}`);
  const to = timed[Math.min(Math.max(n + steps, 0), timed.length - 1)];
  return to ? to[0] : 0;
}

export function showLine(line, { focus = false } = {}) {
  line.scrollIntoView({ block: "center", behavior: "instant" });
  if (focus) line.focus({ preventScroll: true });
}

// How many lines are shown, when only those that `wanted` are.
export function showOnly(wanted) {
  let shown = 0;
  for (const line of list.children) {
    const out = wanted !== null && !wanted(Number(line.dataset.i));
    line.classList.toggle("out", out);
    shown += !out;
  }
  if (current?.classList.contains("out")) reach(list.querySelector("li:not(.out)"));
  list.classList.toggle("part", wanted !== null);
  const note = byId("none-shown");
  note.hidden = wanted === null;
  note.textContent = `${several(shown, "line")} of ${room.call.utterances.length.toLocaleString("en-US")} shown.`;
}

// Only one line is on the way of the Tab key; the arrows go from line to line.
function reach(line) {
  for (const button of current?.querySelectorAll(".time, .margin button") ?? []) button.tabIndex = -1;
  current = line;
  for (const button of current?.querySelectorAll(".time, .margin button") ?? []) button.tabIndex = 0;
}

list.addEventListener("focusin", (event) => {
  const line = event.target.closest("li[data-i]");
  if (line && line !== current) reach(line);
});

list.addEventListener("keydown", (event) => {
  if (event.target.closest("input, select, textarea, .line-panel") || event.altKey || event.ctrlKey || event.metaKey) return;
  const way = { ArrowDown: "nextElementSibling", ArrowUp: "previousElementSibling" }[event.key];
  if (!way) return;
  let next = event.target.closest("li[data-i]")?.[way];
  while (next?.classList.contains("out")) next = next[way];
  if (!next) return;
  event.preventDefault();
  next.focus({ preventScroll: true });
  next.scrollIntoView({ block: "nearest", behavior: "instant" });
});
