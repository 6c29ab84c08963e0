// Finding words in this call: hits are marked, and gone through one by one.

import { room } from "./call-data.js";
import { byId } from "./element.js";
import { only } from "./kinds.js";
import { lineNumber, showLine } from "./transcript.js";

const MARKED = 500; // hits painted at most; all are counted and reached

const field = byId("find-words");
let hits = []; // [line number, first, end] in order
let at = -1;

export function startFinding() {
  field.addEventListener("input", find);
  byId("found-next").addEventListener("click", () => step(1));
  byId("found-before").addEventListener("click", () => step(-1));
  byId("find").addEventListener("submit", (event) => event.preventDefault());
  field.addEventListener("keydown", (event) => {
    if (event.key === "Enter") step(event.shiftKey ? -1 : 1);
    else if (event.key === "Escape") {
      field.value = "";
      find();
    }
  });
}

export const startToFind = () => {
  field.focus();
  field.select();
};

function find() {
  const words = field.value.trim().toLocaleLowerCase();
  hits = words === "" ? [] : room.call.utterances.flatMap((one) => places(one, words));
  at = -1;
  if (hits.length > 0) only(null); // a hit may be in a line that is not shown
  paint();
  tellWhere(words);
}

function places(utterance, words) {
  const text = utterance.text.toLocaleLowerCase();
  const found = [];
  for (let first = text.indexOf(words); first >= 0; first = text.indexOf(words, first + words.length)) {
    found.push([utterance.i, first, first + words.length]);
  }
  return found;
}

function step(way) {
  if (hits.length === 0) return;
  at = at < 0 ? (way > 0 ? 0 : hits.length - 1) : (at + way + hits.length) % hits.length;
  paint();
  tellWhere(field.value);
  for (const old of document.querySelectorAll(".pointed")) old.classList.remove("pointed");
  const line = lineNumber(hits[at][0]);
  line.classList.add("pointed");
  showLine(line);
}

function tellWhere(words) {
  byId("found").textContent = words === "" ? ""
    : hits.length === 0 ? "not said" : at < 0 ? hits.length.toLocaleString("en-US") : `${at + 1} of ${hits.length.toLocaleString("en-US")}`;
  for (const id of ["found-before", "found-next"]) byId(id).disabled = hits.length === 0;
}

// Painted over the text, without a change to the document; browsers without it mark the line only.
function paint() {
  if (!globalThis.CSS?.highlights) return;
  const from = Math.max(0, at - MARKED / 2);
  CSS.highlights.set("found", new Highlight(...hits.slice(from, from + MARKED).map(range).filter(Boolean)));
  CSS.highlights.set("found-here", new Highlight(...hits.slice(at, at < 0 ? 0 : at + 1).map(range).filter(Boolean)));
}

function range([i, first, end]) {
  const words = lineNumber(i)?.querySelector(".words");
  const range = document.createRange();
  const nodes = words ? document.createTreeWalker(words, NodeFilter.SHOW_TEXT) : null;
  let passed = 0;
  let begun = false;
  while (nodes?.nextNode()) {
    const node = nodes.currentNode;
    if (!begun && first < passed + node.length) {
      range.setStart(node, first - passed);
      begun = true;
    }
    if (begun && end <= passed + node.length) {
      range.setEnd(node, end - passed);
      return range;
    }
    passed += node.length;
  }
  return null;
}
