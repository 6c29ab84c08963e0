// Marks the line being spoken and keeps it in sight, until the reader scrolls away from it.

import { byId } from "./element.js";
import { sound } from "./player.js";
import { lineAt, lineNumber, showLine } from "./transcript.js";

const EDGE = 80; // px at the top, and above the player at the foot
const FOOT = 150;
const SCROLLING = new Set(["PageUp", "PageDown", "Home", "End", "ArrowUp", "ArrowDown"]);

const back = byId("back-to");
let following = true;
let spoken = null; // number of the line

const line = () => (spoken === null ? null : lineNumber(spoken));

export function startFollowing() {
  for (const happening of ["timeupdate", "seeked", "play", "pause"]) sound.addEventListener(happening, mark);
  for (const happening of ["wheel", "touchmove"]) addEventListener(happening, letGo, { passive: true });
  addEventListener("keydown", (event) => { if (SCROLLING.has(event.key) && !event.defaultPrevented) letGo(); });
  // A press on the bar of the window, which is the root's own.
  document.documentElement.addEventListener("pointerdown", (event) => { if (event.target === event.currentTarget) letGo(); });
  addEventListener("scroll", offer, { passive: true });
  back.addEventListener("click", () => {
    follow();
    line()?.focus({ preventScroll: true });
  });
}

// From now on again: somebody chose where to play from.
export function follow() {
  following = true;
  mark();
  if (line() && !inSight(line())) showLine(line());
  offer();
}

function letGo() {
  following = false;
  offer();
}

function mark() {
  const now = lineAt(sound.currentTime);
  const old = line();
  if (now !== old) {
    old?.classList.remove("spoken");
    old?.removeAttribute("aria-current");
    now?.classList.add("spoken");
    now?.setAttribute("aria-current", "true");
    spoken = now === null ? null : Number(now.dataset.i);
    if (now && following && !sound.paused && shown(now) && !inSight(now)) showLine(now);
  }
  offer();
}

const shown = (one) => !one.classList.contains("out");

function inSight(one) {
  const box = one.getBoundingClientRect();
  return box.top >= EDGE && box.bottom <= innerHeight - FOOT;
}

function offer() {
  const one = line();
  back.hidden = following || sound.paused || !one || !shown(one) || inSight(one);
}
