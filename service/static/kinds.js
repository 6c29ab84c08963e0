// The evidence of the call as a whole: how much of each kind, only its lines, and from one to the
// next.

import { counts, forget, KINDS, room } from "./call-data.js";
import { byId, el } from "./element.js";
import { several } from "./format.js";
import { say } from "./toast.js";
import { lineNumber, showLine, showOnly } from "./transcript.js";

let chosen = null; // the one kind whose lines are shown

const within = () => room.items.filter((item) => counts(item) && (chosen === null || item.kind === chosen));

export function showKinds() {
  const all = room.items.filter(counts);
  if (chosen !== null && !all.some((item) => item.kind === chosen)) chosen = null;
  const held = document.activeElement?.dataset?.kind;
  byId("kinds").replaceChildren(
    all.length === 0 ? el("span", { class: "quiet" }, "No evidence in it yet.") : "",
    ...KINDS.map((kind) => [kind, all.filter((item) => item.kind === kind).length]).filter(([, n]) => n > 0).map(chip),
    all.length > 0 ? el("span", { class: "steps" }, step(-1, "‹", "Evidence before"), step(1, "›", "Next evidence")) : "");
  showLost();
  if (held) byId("kinds").querySelector(`[data-kind=${held}]`)?.focus();
  filter();
}

// What people added or changed whose words are not in the call any more, as it was heard anew.
function showLost() {
  const lost = room.items.filter((item) => item.status === "lost");
  byId("lost").replaceChildren(...(lost.length === 0 ? [] : [el("details", {},
    el("summary", {}, `${several(lost.length, "piece")} of evidence lost the words ${lost.length === 1 ? "it" : "they"} stood on`),
    el("ul", {}, lost.map((item) => el("li", { class: "row" },
      el("span", { class: `kind ${item.kind}` }, item.kind), el("q", { dir: "auto" }, item.quote),
      el("button", { type: "button", "data-needs": "editor", onclick: () => letGo(item) }, "Let it go")))))]));
}

async function letGo(item) {
  try {
    await forget(item.id);
  } catch (problem) {
    say(problem.message, null, true);
  }
}

function chip([kind, n]) {
  const on = chosen === kind;
  const button = el("button", {
    type: "button", class: `kind ${kind}`, "aria-pressed": String(on),
    title: on ? "Show every line" : `Show only the lines with ${kind}`,
    onclick: () => only(on ? null : kind),
  }, `${kind} `, el("span", { class: "count" }, String(n)));
  button.dataset.kind = kind;
  return button;
}

const step = (way, sign, name) =>
  el("button", { type: "button", class: "square", "aria-label": name, title: name, onclick: () => stepTo(way) }, sign);

export function only(kind) {
  chosen = kind;
  showKinds();
}

function filter() {
  if (chosen === null) return showOnly(null);
  const lines = new Set(within().map((item) => item.utterance));
  showOnly((i) => lines.has(i));
}

// To the evidence after (1) or before (-1) the line in hand, or else the one in the middle.
export function stepTo(way) {
  const lines = [...new Set(within().map((item) => item.utterance))].sort((a, b) => a - b);
  if (lines.length === 0) return;
  const at = here();
  const next = way > 0 ? lines.find((i) => i > at) : lines.findLast((i) => i < at);
  const to = next ?? lines.at(way > 0 ? 0 : -1);
  for (const old of document.querySelectorAll(".pointed")) old.classList.remove("pointed");
  const line = lineNumber(to);
  line.classList.add("pointed");
  showLine(line);
  byId("found").textContent = `Evidence ${lines.indexOf(to) + 1} of ${several(lines.length, "line")}`;
}

function here() {
  const pointed = document.querySelector(".transcript .pointed");
  return pointed ? Number(pointed.dataset.i) : -1;
}
