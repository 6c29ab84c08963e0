// The keys of a call's page. None is taken from a field, a button or an open dialog.

import { room } from "./call-data.js";
import { faster, jump, playOrPause } from "./call-player.js";
import { byId } from "./element.js";
import { startToFind } from "./finding.js";
import { follow } from "./following.js";
import { stepTo } from "./kinds.js";
import { toggle } from "./line-panel.js";
import { sound } from "./player.js";
import { startAway, utteranceOf } from "./transcript.js";

const LEAP_S = 5;
const FIELDS = "input, select, textarea, [contenteditable]";
const PRESSED = "button, a, summary, label"; // these take Space and Enter themselves

export function startKeys(playFrom) {
  const sheet = byId("key-sheet");
  byId("show-keys").addEventListener("click", () => sheet.showModal());
  const heard = {
    " ": () => playOrPause(playFrom),
    ArrowLeft: () => jump(sound.currentTime - LEAP_S),
    ArrowRight: () => jump(sound.currentTime + LEAP_S),
    "Shift+ArrowLeft": () => toLine(-1),
    "Shift+ArrowRight": () => toLine(1),
    "<": () => faster(-1),
    ">": () => faster(1),
  };
  const always = {
    "/": startToFind,
    "?": () => sheet.showModal(),
    "[": () => stepTo(-1),
    "]": () => stepTo(1),
    m: (line) => line && toggle(line),
    Enter: (line) => line?.classList.contains("playable") && playFrom(utteranceOf(line).start_s),
  };
  addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.altKey || event.ctrlKey || event.metaKey || document.querySelector("dialog[open]")) return;
    const { target } = event;
    const slider = target.id === "position" && event.key.startsWith("Arrow");
    if (target.closest(FIELDS) && !slider) return;
    if ([" ", "Enter"].includes(event.key) && target.closest(PRESSED)) return;
    const name = event.shiftKey && event.key.startsWith("Arrow") ? `Shift+${event.key}` : event.key;
    const act = (room.call.has_audio && heard[name]) || always[name];
    if (!act) return;
    event.preventDefault();
    act(target.closest(".transcript li[data-i]"));
  });
}

function toLine(steps) {
  jump(startAway(sound.currentTime, steps));
  follow();
}
