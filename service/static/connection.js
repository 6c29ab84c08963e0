// The connection to the server: said in the page when it is lost, and when it is back.

import { byId, el, fill } from "./element.js";

const AGAIN_MS = 1500;
const BACK_MS = 4000; // how long "back" stays
const LOOK_MS = 10_000; // between two looks while the page is seen and nothing is asked

const listeners = [];
let lost = false;
let out = false; // signed out: what the server refuses until then is not its being away
let hiding = 0;

// Called when the server answers again after it was away: what is shown may be old by then.
export const onBack = (listener) => listeners.push(listener);

export const isLost = () => lost;
export const isOut = () => out;

// Somebody got no answer: from here on it is asked until it gives one.
export function lose() {
  if (lost || out) return;
  lost = true;
  show(["The server does not answer. Is firsthand serve still running? Trying again …"], true);
  setTimeout(look, AGAIN_MS);
}

export function watchConnection() {
  setInterval(() => { if (!lost && !document.hidden) look(); }, LOOK_MS);
  addEventListener("online", () => { if (lost) look(); });
  // After a laptop slept, or the tab was away, the first look is at the connection.
  addEventListener("pageshow", (event) => { if (event.persisted) look(); });
}

async function look() {
  try {
    const answer = await fetch("/healthz", { cache: "no-store" });
    if (!answer.ok) throw new Error(`status ${answer.status}`);
  } catch {
    if (lost) setTimeout(look, AGAIN_MS);
    else lose();
    return;
  }
  if (!lost) return;
  lost = false;
  show(["Connected again."], false);
  hiding = setTimeout(() => { byId("connection").hidden = true; }, BACK_MS);
  for (const listener of listeners) listener();
}

// The session has ended. What is on the page stays, so that nothing that was written is lost.
export function signedOut() {
  out = true;
  const next = location.pathname + location.search;
  show(["You are signed out. ", el("a", { href: `/sign-in?${new URLSearchParams({ next })}` }, "Sign in again")], true);
}

// The server answers this page again: somebody signed in, perhaps in another tab.
export function signedIn() {
  if (!out) return;
  out = false;
  byId("connection").hidden = true;
}

function show(content, bad) {
  clearTimeout(hiding);
  const place = byId("connection");
  fill(place, content);
  place.classList.toggle("bad", bad);
  place.hidden = false;
}
