// The versions of a memo: which there are, taking one back, and what is different between two.

import { api } from "./api.js";
import { byId, el } from "./element.js";
import { moment, several } from "./format.js";
import { memoApi, memoPage } from "./memo-links.js";

const OPS = { added: "Added", removed: "Taken out", changed: "Changed" };

export function versionsOf(id, versions, current) {
  const newest = versions[0].n;
  if (newest === 0) return el("span", { class: "quiet" }, "No edits yet.");
  return el(
    "details",
    { class: "memo-versions" },
    el("summary", { class: "button" }, several(newest, "version")),
    el("ol", {}, versions.map((one) => line(id, one, current, newest))),
  );
}

function line(id, one, current, newest) {
  const name = one.n === 0 ? "The draft" : `Version ${one.n}`;
  return el(
    "li",
    { "aria-current": one.n === current ? "true" : null },
    el("strong", {}, name), one.n === current && el("span", { class: "tag" }, "shown"),
    el("span", { class: "quiet" }, ` ${moment(one.created_at)}${one.note && one.n > 0 ? ` · ${one.note}` : ""}`),
    el(
      "span",
      { class: "row" },
      one.n !== current && el("a", { href: memoPage(id, { version: one.n }) }, "Read"),
      one.n > 0 && el("a", { href: memoPage(id, { from: one.n - 1, to: one.n }) }, one.n === 1 ? "What you changed in the draft" : "What it changed"),
      one.n !== newest && el("button", { type: "button", class: "link", "data-needs": "editor", "aria-label": `Go back to ${name.toLowerCase()}`, onclick: () => restore(id, one.n, newest) }, "Go back to it"),
    ),
  );
}

async function restore(id, n, base) {
  try {
    await api(`${memoApi(id)}/versions/${n}/restore`, { method: "POST", json: { base } });
    location.assign(memoPage(id));
  } catch (problem) {
    byId("memo-said").replaceChildren(el("p", { class: "notice bad" }, problem.message));
  }
}

export async function compare(id, before, after, body) {
  const asked = new URLSearchParams({ from: before, to: after });
  const changes = await api(`${memoApi(id)}/diff?${asked}`);
  const name = (n) => (Number(n) === 0 ? "the draft" : `version ${n}`);
  byId("memo-subtitle").textContent = `From ${name(before)} to ${name(after)}`;
  const n = changes.filter((change) => change.op !== "same").length;
  byId("memo-tools").replaceChildren(el("a", { class: "button", href: memoPage(id) }, "Back to the memo"));
  byId("memo-said").replaceChildren(el("p", {}, n === 0 ? "Nothing is different." : `${several(n, "place")} differ. What was added is underlined, what was taken out is struck through.`));
  body.replaceChildren(el("div", { class: "room memo-diff" }, folded(changes)));
}

// What is the same is folded, so that the changes stand together under their headings.
function folded(changes) {
  const made = [];
  let same = [];
  let heading = "";
  const fold = () => {
    if (same.length > 0) made.push(el("details", {}, el("summary", {}, `${several(same.length, "paragraph")} unchanged`), same));
    same = [];
  };
  for (const change of changes) {
    if (change.op === "same") {
      same.push(el("p", { class: "quiet", dir: "auto" }, change.parts[0].text));
      continue;
    }
    fold();
    if (change.heading !== heading) made.push(el("h2", { dir: "auto" }, (heading = change.heading)));
    made.push(el("div", { class: `memo-change ${change.op}` }, el("span", { class: "tag" }, OPS[change.op]), el("p", { dir: "auto" }, change.parts.map(part))));
  }
  fold();
  return made;
}

function part(one) {
  if (one.op === "same") return one.text;
  return el(one.op === "added" ? "ins" : "del", {}, one.text);
}
