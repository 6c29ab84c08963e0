// One call: what it is, who spoke, what was said, and the recording in step with it.

import { callId, load, onCall, path, room } from "./call-data.js";
import { showHeading, startDeleting, startEditing } from "./call-heading.js";
import { startKeys } from "./call-keys.js";
import { showMarks, startPlayer } from "./call-player.js";
import { onBack } from "./connection.js";
import { byId, tell } from "./element.js";
import { startFinding } from "./finding.js";
import { follow, startFollowing } from "./following.js";
import { showKinds } from "./kinds.js";
import { loadAccounts } from "./known.js";
import { startPanels } from "./line-panel.js";
import { cue, play } from "./player.js";
import { startSelecting } from "./selecting.js";
import { showSpeakers } from "./speakers.js";
import { lineAt, lineNumber, playableAt, showLine, showTranscript, utteranceOf } from "./transcript.js";

const moment = (start) => ({ callId, start, end: null, name: room.call.title, from: "" });

const LOOK_MS = 3000; // at a call that is still being heard

let started = false;
let sounding = false;
let looking = 0;

onCall(() => {
  showHeading();
  showTranscript();
  showSpeakers();
  showKinds();
  showMarks();
  startSound();
  byId("tools").hidden = room.call.utterances.length === 0;
});
// On a phone the text comes first: the rest is folded.
byId("who").open = matchMedia("(min-width: 60rem)").matches;
byId("acts").open = matchMedia("(min-width: 44rem)").matches;
startDeleting();

try {
  await Promise.all([loadAccounts(), load()]);
  start();
  lookLater();
} catch (problem) {
  byId("hint").textContent = "";
  tell(byId("trouble"), problem.message);
}
onBack(again);
document.addEventListener("visibilitychange", () => { if (!document.hidden) again(); });

// Another tab, another person or the work on the call may have changed it.
async function again() {
  try {
    await load(isWriting);
    start();
    tell(byId("trouble"), "");
  } catch (problem) {
    tell(byId("trouble"), problem.message);
  }
  lookLater();
}

function lookLater() {
  clearTimeout(looking);
  if (room.call?.state === "working" || isWriting()) looking = setTimeout(again, LOOK_MS);
}

// Nothing is drawn over words that somebody is about to save.
function isWriting() {
  return document.querySelector("#speakers form, #transcript .writing") !== null
    || Boolean(document.activeElement?.closest("form, .line-panel, dialog"));
}

function start() {
  if (started || room.call === null) return;
  started = true;
  startEditing();
  startPanels();
  startSelecting();
  startFinding();
  startKeys(playFrom);
  if (!sounding) pointAt();
  addEventListener("hashchange", pointAt);
}

// As soon as there is something to play: a call that was opened while it was heard gets there.
function startSound() {
  if (sounding || !room.call.has_audio || room.call.state !== "ready") return;
  sounding = true;
  startFollowing();
  startPlayer(playFrom);
  byId("transcript").addEventListener("click", clicked);
  pointAt();
}

function playFrom(seconds) {
  play(moment(seconds));
  follow();
}

function clicked(event) {
  if (event.target.closest(".margin, .line-panel, .writing, textarea, a") || String(getSelection()) !== "") return;
  const line = event.target.closest("li.playable");
  if (!line) return;
  playFrom(utteranceOf(line).start_s);
  // A mouse leaves the line in hand, not its button: the space bar then pauses.
  if (event.detail > 0) line.focus({ preventScroll: true });
}

// `?t=SECONDS` readies the player there; `#u14` shows that line.
function pointAt(event) {
  const { call } = room;
  const { search, hash } = location;
  for (const old of document.querySelectorAll(".pointed")) old.classList.remove("pointed");
  const line = /^#u\d+$/.test(hash) ? byId(hash.slice(1)) : null;
  const seconds = Number.parseFloat(new URLSearchParams(search).get("t") ?? "");
  // A link to another line of the same call leaves the old second in the address.
  const given = event?.type !== "hashchange" && Number.isFinite(seconds) && seconds > 0;
  const own = line && playableAt(utteranceOf(line)) ? utteranceOf(line).start_s : 0;
  if (call.has_audio && call.state === "ready") cue(moment(given ? seconds : own));
  const shown = line ?? (given ? lineAt(seconds) : null);
  if (!shown) return;
  shown.classList.add("pointed");
  showLine(lineNumber(shown.dataset.i), { focus: Boolean(line) });
}
