// The one audio element of a page: plays a moment of a call from its first second to its last.

import { callApi, callPage } from "./api.js";
import { byId, el } from "./element.js";
import { clock } from "./format.js";

const bar = byId("player");
const label = byId("playing");
export const sound = byId("sound");

let clip = null; // {callId, start, end, name, from, button}; `end` null plays on
let source = "";
let turn = 0;

// A button that plays (and pauses) the moment; its label says whose.
export function playButton(moment) {
  const named = `${moment.name} at ${clock(moment.start)}`;
  const button = el("button", { type: "button", class: "play", "aria-label": `Play ${named}` });
  const own = { ...moment, button, named };
  button.addEventListener("click", () => toggle(own));
  return button;
}

export function toggle(moment) {
  if (clip === moment && !sound.paused) sound.pause();
  else if (clip === moment && inside(moment)) start(++turn);
  else play(moment);
}

export async function play(moment) {
  const mine = ++turn;
  release();
  clip = moment;
  await load(moment);
  if (mine !== turn) return; // another was pressed meanwhile
  if (sound.error) return failed();
  sound.currentTime = moment.start;
  await start(mine);
}

// Ready at that second without playing: what a link into a call does.
export async function cue(moment) {
  const mine = ++turn;
  clip = moment;
  await load(moment);
  if (mine === turn && !sound.error) sound.currentTime = moment.start;
}

async function load(moment) {
  bar.hidden = false;
  say(moment);
  const wanted = `${callApi(moment.callId)}/audio`;
  if (source !== wanted || sound.error) {
    source = wanted;
    sound.src = wanted;
  }
  if (sound.readyState >= HTMLMediaElement.HAVE_METADATA) return;
  await new Promise((done) => {
    sound.addEventListener("loadedmetadata", done, { once: true });
    sound.addEventListener("error", done, { once: true });
  });
}

async function start(mine) {
  try {
    await sound.play();
  } catch (error) {
    // A pause or another moment asked for while this one was starting is no failure.
    if (mine === turn && error.name !== "AbortError") failed();
    return;
  }
  // From one quote to the next of the same recording there is no `play` event: it plays already.
  if (mine === turn && clip?.button && !sound.paused) mark(clip, true);
  requestAnimationFrame(watch);
}

function say(moment) {
  const place = `${callPage(moment.callId)}?t=${moment.start}${moment.hash ?? ""}`;
  const where = moment.end === null
    ? []
    : [` ${moment.from} · ${clock(moment.start)} · `, el("a", { href: place }, "in the call")];
  label.replaceChildren(el("strong", {}, moment.name), ...where);
}

function failed() {
  label.replaceChildren(
    "This browser cannot play this recording. ",
    clip ? el("a", { href: callPage(clip.callId) }, "Read what was said instead") : "",
  );
  release();
  clip = null;
}

function inside(moment) {
  const last = moment.end ?? Infinity;
  return sound.currentTime >= moment.start && sound.currentTime < last - 0.05;
}

// Every frame while playing, because `timeupdate` comes four times a second only.
function watch() {
  stopAtEnd();
  if (!sound.paused) requestAnimationFrame(watch);
}

function stopAtEnd() {
  const end = clip?.end ?? Infinity;
  if (!sound.paused && sound.currentTime >= end) sound.pause();
}

// From now on no moment: the recording plays on until somebody stops it.
function playOn() {
  release();
  clip = { ...clip, end: null, button: null };
}

function release() {
  if (clip?.button) mark(clip, false);
}

function mark(moment, playing) {
  moment.button.classList.toggle("playing", playing);
  moment.button.setAttribute("aria-label", `${playing ? "Pause" : "Play"} ${moment.named}`);
}

sound.addEventListener("timeupdate", stopAtEnd); // frames stop in a hidden tab
sound.addEventListener("play", () => {
  // Pressing play on the bar after the moment's end plays on from there.
  if (clip && clip.end !== null && sound.currentTime >= clip.end - 0.02) playOn();
  if (clip?.button) mark(clip, true);
  requestAnimationFrame(watch);
});
sound.addEventListener("pause", release);
sound.addEventListener("seeking", () => {
  // Dragging the bar out of the moment lets go of it.
  const outside = sound.currentTime < clip?.start - 0.3 || sound.currentTime > clip?.end + 0.3;
  if (clip && clip.end !== null && outside) playOn();
});
byId("player-close").addEventListener("click", () => {
  sound.pause();
  bar.hidden = true;
});
