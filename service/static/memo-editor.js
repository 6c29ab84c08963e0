// The editor of a memo: its text, the gate's word on every sentence while one writes, and saving.

import { api } from "./api.js";
import { byId, el } from "./element.js";
import { several } from "./format.js";
import { loadAccounts, loadCalls } from "./known.js";
import { citing } from "./memo-citing.js";
import { memoApi, memoPage } from "./memo-links.js";
import { Mirror } from "./memo-mirror.js";
import { quoteBlock } from "./quote.js";

const PAUSE_MS = 400; // without a key, before the gate is asked
const LABELS = {
  unevidenced: "About customers, and nothing is cited",
  "not found": "The citation is not found",
  withdrawn: "The call it cites was erased",
  changed: "The words it cites have changed",
  "not borne": "Its quotes do not bear it",
};

export async function edit(id, heading, body) {
  const versions = await api(`${memoApi(id)}/versions`);
  const [version, found] = await Promise.all([
    api(`${memoApi(id)}/versions/${versions[0].n}`), api(`${memoApi(id)}/document`), loadCalls(), loadAccounts(),
  ]);
  const desk = { id, base: version.n, saved: version.text, asked: 0, timer: 0, mirror: null };
  const field = el("textarea", { id: "memo-text", spellcheck: "true", "aria-describedby": "memo-how", autocomplete: "off" });
  const behind = el("div", { class: "memo-mirror", "aria-hidden": "true" });
  const side = el("div", { class: "memo-findings", role: "region", "aria-label": "What the text rests on", tabindex: "0" });
  Object.assign(desk, { field, side, mirror: new Mirror(behind) });
  field.value = version.text;
  byId("memo-subtitle").textContent = version.n === 0 ? "You are editing the draft; it stays as version 0." : `You are editing version ${version.n}.`;
  body.replaceChildren(el(
    "div",
    { class: "memo-editor" },
    el(
      "div",
      { class: "room" },
      el("label", { for: "memo-text", class: "unseen" }, "Text of the memo"),
      el("p", { id: "memo-how", class: "quiet" }, "Markdown. A sentence about customers ends with what it rests on, as in ", el("code", {}, "[^LC-001:14]"), ": turn 14 of that call. The words of the quote are taken from the call."),
      el("div", { class: "memo-field" }, behind, field),
      tools(desk),
    ),
    el("div", { class: "memo-aside" }, side, citing(found.notes, (citation) => insert(desk, citation))),
  ));
  field.addEventListener("input", () => typed(desk));
  addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key === "s") {
      event.preventDefault();
      save(desk);
    }
  });
  addEventListener("beforeunload", (event) => { if (field.value !== desk.saved) event.preventDefault(); });
  desk.mirror.follow(field.value);
  await check(desk);
  begin(desk, heading);
}

// What is said about saving is said beside the button, wherever in the text one is.
function tools(desk) {
  desk.button = el("button", { type: "button", class: "main", onclick: () => save(desk) }, "Save");
  desk.note = el("input", { id: "memo-note", maxlength: "200", placeholder: "What you changed (optional)", "aria-label": "What you changed", autocomplete: "off" });
  return el("div", { class: "memo-save" }, byId("memo-said"), el("div", { class: "row" }, desk.button, desk.note, el("a", { class: "button", href: memoPage(desk.id) }, "Close")));
}

// At the heading that was asked for, else at the top.
function begin(desk, heading) {
  const line = heading && desk.field.value.split("\n").findIndex((text) => text.replace(/^#+\s*/, "").replaceAll("\\", "") === heading);
  if (!heading || line < 0) return desk.field.setSelectionRange(0, 0);
  const at = desk.field.value.split("\n").slice(0, line).join("\n").length + 1;
  reveal(desk, at, at);
}

function typed(desk) {
  desk.mirror.follow(desk.field.value);
  clearTimeout(desk.timer);
  desk.timer = setTimeout(() => check(desk), PAUSE_MS);
}

async function check(desk) {
  const text = desk.field.value;
  const mine = ++desk.asked;
  let found;
  try {
    found = await api(`${memoApi(desk.id)}/check`, { method: "POST", json: { text } });
  } catch (problem) {
    desk.side.replaceChildren(el("p", { class: "notice bad" }, `Not checked: ${problem.message}`));
    return;
  }
  if (mine !== desk.asked || text !== desk.field.value) return; // somebody went on writing
  desk.mirror.check(text, found.sentences);
  show(desk, found);
}

function show(desk, found) {
  const failing = found.sentences.map((one, n) => ({ ...one, n })).filter((one) => one.failing);
  desk.side.replaceChildren(
    el("h2", { role: "status" }, failing.length === 0 ? "Every sentence about customers has its evidence." : `${several(failing.length, "sentence")} without evidence`),
    el("p", { class: "quiet" }, `${several(found.checked, "sentence")} checked. You may save as it is; what is marked stays marked, also in the files.`),
    el("ol", {}, failing.map((one) => finding(desk, one))),
  );
}

function finding(desk, one) {
  const mark = desk.mirror.marks.find((m) => m.n === one.n);
  const words = desk.mirror.text.slice(mark.start, mark.end);
  return el(
    "li",
    {},
    el("button", { type: "button", class: "link", dir: "auto", onclick: () => reveal(desk, mark.start, mark.end) }, shortened(words)),
    el("p", { class: "note" }, one.why && one.status === "not borne" ? `${LABELS[one.status]}: ${one.why}.` : `${LABELS[one.status]}.`),
    one.quotes.slice(0, 2).map((quote) => quoteBlock(quote)),
  );
}

function shortened(words) {
  const plain = words.replace(/\n>? ?/g, " ");
  return plain.length > 120 ? `${plain.slice(0, 120)}…` : plain;
}

// The words are selected, and in sight: a field as high as its text does not scroll to them.
function reveal(desk, start, end) {
  desk.field.focus({ preventScroll: true });
  desk.field.setSelectionRange(start, end);
  const range = document.createRange();
  let left = start;
  for (const node of nodes(desk.mirror.place)) {
    if (left <= node.length) {
      range.setStart(node, left);
      break;
    }
    left -= node.length;
  }
  const box = range.getBoundingClientRect();
  scrollTo({ top: scrollY + box.top - innerHeight / 3, behavior: "instant" });
}

function nodes(place) {
  const walker = document.createTreeWalker(place, NodeFilter.SHOW_TEXT);
  const found = [];
  while (walker.nextNode()) found.push(walker.currentNode);
  return found;
}

function insert(desk, citation) {
  const { selectionStart: start, selectionEnd: end, value } = desk.field;
  const gap = start > 0 && !/\s/.test(value[start - 1]) ? " " : "";
  desk.field.focus();
  desk.field.setRangeText(gap + citation, end, end, "end");
  typed(desk);
}

async function save(desk) {
  if (desk.button.disabled) return; // it is being saved
  const text = desk.field.value;
  desk.button.disabled = true;
  try {
    const made = await api(`${memoApi(desk.id)}/versions`, { method: "POST", json: { text, base: desk.base, note: desk.note.value } });
    Object.assign(desk, { base: made.n, saved: text });
    desk.note.value = "";
    byId("memo-subtitle").textContent = `You are editing version ${made.n}.`;
    byId("memo-said").replaceChildren(el("p", { class: "notice good" }, `Saved as version ${made.n}. `, el("a", { href: memoPage(desk.id) }, "Read it")));
  } catch (problem) {
    const choice = problem.status === 409 ? await conflict(desk, problem).catch(() => null) : null;
    byId("memo-said").replaceChildren(choice ?? el("p", { class: "notice bad" }, `Not saved: ${problem.message}`));
  } finally {
    desk.button.disabled = false;
  }
}

// Somebody else saved meanwhile: both are kept, whatever is chosen.
async function conflict(desk, problem) {
  const [newest] = await api(`${memoApi(desk.id)}/versions`);
  const onTop = () => {
    desk.base = newest.n;
    return save(desk);
  };
  return el(
    "div",
    { class: "notice bad" },
    el("p", {}, problem.message),
    el(
      "div",
      { class: "row" },
      el("button", { type: "button", onclick: () => open(memoPage(desk.id, { from: desk.base, to: newest.n }), "_blank", "noopener") }, `See what version ${newest.n} changed`),
      el("button", { type: "button", onclick: onTop }, `Save mine as version ${newest.n + 1}`),
    ),
  );
}
