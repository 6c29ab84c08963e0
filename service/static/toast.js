// What was just done, said at the foot of the page, with the way back.

import { byId } from "./element.js";

const STAYS_MS = 20_000; // long enough for who reads slowly, or gets to Undo by keyboard

const toast = byId("toast");
const undo = byId("undo");
let hiding = 0;
let way = null;

// `back()` takes it back; it may throw a sentence.
export function say(text, back = null, bad = false) {
  clearTimeout(hiding);
  byId("done").textContent = text;
  toast.classList.toggle("bad", bad);
  toast.hidden = !text;
  undo.hidden = back === null;
  way = back;
  if (text && !bad) hide();
}

function hide() {
  hiding = setTimeout(() => {
    // Not while somebody is about to press it.
    if (toast.contains(document.activeElement) || toast.matches(":hover")) hide();
    else toast.hidden = true;
  }, STAYS_MS);
}

undo.addEventListener("click", async () => {
  const back = way;
  undo.hidden = true;
  byId("transcript").focus({ preventScroll: true });
  try {
    await back();
  } catch (problem) {
    say(problem.message, null, true);
  }
});
