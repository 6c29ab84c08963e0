// The lines of what is being added: one a file, with its stage, its progress and how it ended.

import { callPage } from "./api.js";
import { byId, el } from "./element.js";
import { several } from "./format.js";
import { forget } from "./jobs.js";

const MANY = 6; // from so many lines on, only failures and the end are said aloud

const rows = new Set();
let drawing = 0;
let changed = () => {};

// `listener(counts)` hears, at most once a frame, how many lines are under way, done, failed.
export function onWork(listener) {
  changed = listener;
  byId("clear").addEventListener("click", () => {
    clear(["done", "stopped"]);
    (byId("work").querySelector("button, a") ?? byId("main")).focus();
  });
}

export function addRow(name) {
  const row = {
    name, kind: "", step: el("span", { class: "step" }), reached: 0, part: 0,
    bar: el("progress", { max: 1, value: 0, "aria-label": `Progress of ${name}` }),
    end: el("span", { class: "end" }),
  };
  row.item = el("li", {}, el("span", { class: "file", dir: "auto" }, name), row.step, row.bar, row.end);
  rows.add(row);
  byId("work").append(row.item);
  count();
  return row;
}

export function show(row, words, value) {
  if (row.kind) reset(row);
  row.step.textContent = words;
  row.bar.value = value;
  row.part = value;
  count();
}

// What can be done with it: {words, act, name?} each; `name` is what it is called aloud.
export function offer(row, ...actions) {
  row.end.replaceChildren(...actions.flatMap(({ words, act, name }) => [button(row, words, act, name), " "]));
}

export function ready(row, words) {
  settle(row, "done", words);
  row.end.replaceChildren(el("a", { href: callPage(row.callId), "aria-label": `Open ${row.name}` }, "Open"), " ", dismiss(row));
}

export function failed(row, sentence, again = null) {
  settle(row, "failed", sentence);
  row.end.replaceChildren(...(again ? [button(row, "Try again", again), " "] : []), dismiss(row));
}

export function stopped(row) {
  settle(row, "stopped", "stopped by you");
  row.end.replaceChildren(dismiss(row));
}

export function remove(row) {
  const held = row.item.contains(document.activeElement);
  const near = row.item.nextElementSibling ?? row.item.previousElementSibling;
  row.item.remove();
  rows.delete(row);
  if (held) near?.querySelector("button, a")?.focus(); // else the keyboard starts at the top again
  count();
}

// Takes lines of these kinds away; of a failure that is not put away, the room of calls still tells.
export function clear(kinds) {
  for (const row of [...rows]) if (kinds.includes(row.kind)) remove(row);
}

export function say(words) {
  byId("work-said").textContent = words;
}

function settle(row, kind, words) {
  row.item.className = kind;
  row.kind = kind;
  row.bar.hidden = true;
  row.step.textContent = words;
  if (kind === "failed" || rows.size < MANY) say(`${row.name}: ${words}`);
  else if ([...rows].every((one) => one.kind)) say(`${several(rows.size, "file")}: all have ended.`);
  count();
}

function reset(row) {
  row.item.className = "";
  row.kind = "";
  row.bar.hidden = false;
}

function button(row, words, act, name = words) {
  return el("button", { type: "button", onclick: act, "aria-label": `${name} ${row.name}` }, words);
}

function dismiss(row) {
  const words = row.kind === "failed" ? "Do not show this again" : "Hide this line";
  return el("button", {
    type: "button", class: "plain", title: words, "aria-label": `Hide ${row.name}`,
    onclick: () => {
      remove(row);
      if (row.jobId && row.kind === "failed") forget(row.jobId).catch((problem) => say(problem.message));
    },
  }, "×");
}

function count() {
  if (drawing) return;
  drawing = requestAnimationFrame(() => {
    drawing = 0;
    const all = [...rows];
    const of = (kind) => all.filter((row) => row.kind === kind).length;
    // Many finished lines are put away at once; failures stay until each is read.
    byId("clear").hidden = of("done") + of("stopped") < 3;
    changed({
      all: all.length, under: of(""), done: of("done"), failed: of("failed"),
      part: all.length ? all.reduce((sum, row) => sum + (row.kind ? 1 : row.part), 0) / all.length : 0,
    });
  });
}
