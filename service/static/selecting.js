// Words selected inside one line: a small bar beside them keeps them as evidence or copies them.

import { addEvidence, KINDS } from "./call-data.js";
import { cited, copy } from "./call-copying.js";
import { byId, el } from "./element.js";
import { say } from "./toast.js";
import { utteranceOf } from "./transcript.js";

const bar = byId("picked");
let picked = null; // {utterance, words}

export function startSelecting() {
  bar.replaceChildren(
    el("span", { class: "quiet", "data-needs": "editor" }, "Keep as"),
    ...KINDS.map((kind) => el("button", { type: "button", class: `kind ${kind}`, "data-needs": "editor", onclick: () => keep(kind) }, kind)),
    el("button", { type: "button", class: "link", onclick: quote }, "Copy as a cited quote"));
  // A press on the bar must not take the selection away.
  bar.addEventListener("pointerdown", (event) => event.preventDefault());
  document.addEventListener("selectionchange", () => requestAnimationFrame(look));
  addEventListener("scroll", look, { passive: true });
  addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !bar.hidden) drop();
  });
}

function look() {
  const selection = getSelection();
  const range = selection.rangeCount > 0 && !selection.isCollapsed ? selection.getRangeAt(0) : null;
  const words = range && wordsOf(range.startContainer);
  const inside = words && (words === wordsOf(range.endContainer) || range.endOffset === 0);
  const text = inside ? cut(range, words).trim() : "";
  picked = text ? { utterance: utteranceOf(words.closest("li")), words: text } : null;
  bar.hidden = picked === null;
  if (picked) place(range.getBoundingClientRect());
}

const wordsOf = (node) => (node.nodeType === Node.TEXT_NODE ? node.parentElement : node).closest?.(".transcript .words");

// A selection by three clicks ends at the start of the next line.
function cut(range, words) {
  if (words.contains(range.endContainer)) return range.toString();
  const own = range.cloneRange();
  own.setEndAfter(words.lastChild);
  return own.toString();
}

function place(box) {
  const width = bar.offsetWidth;
  const above = box.top - bar.offsetHeight - 8;
  bar.style.left = `${Math.max(8, Math.min(box.left + box.width / 2 - width / 2, document.documentElement.clientWidth - width - 8))}px`;
  bar.style.top = `${above > 8 ? above : box.bottom + 8}px`;
}

function drop() {
  getSelection().removeAllRanges();
  bar.hidden = true;
}

async function keep(kind) {
  const { utterance, words } = picked;
  drop();
  try {
    await addEvidence(utterance.i, kind, words);
  } catch (problem) {
    say(problem.message, null, true);
  }
}

async function quote() {
  const { utterance, words } = picked;
  await copy(cited(utterance, words), "Copied as a cited quote.");
  drop();
}
