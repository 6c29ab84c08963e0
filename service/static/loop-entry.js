// One need of the loop, and who is to hear of it: their words, the note, and what became of it.

import { copyText } from "./copying.js";
import { el } from "./element.js";
import { day, moment, money } from "./format.js";
import { accountLink } from "./known.js";
import { quoteList } from "./quote.js";

const QUOTES_SHOWN = 1;
const whyOf = (need, entry) => (entry.why === "gained" ? "new to it" : need.kind === "request" ? "asked for it" : "spoke of it");
const dayOf = (moment) => day(moment.slice(0, 10));

export function drawNeed(need, act) {
  const since = need.status_at ? ` ${dayOf(need.status_at)}` : "";
  const title = `${need.id}-title`;
  return el("section", { class: "room", "aria-labelledby": title },
    el("header", { class: "themes-head" },
      el("h2", { id: title }, el("a", { href: `/themes?theme=${encodeURIComponent(need.id)}` }, el("bdi", {}, need.label))),
      el("span", { class: need.status === "shipped" ? "tag sound" : "tag" }, `${need.status}${since}`)),
    el("ul", { class: "loop-entries" }, need.entries.map((entry) => drawEntry(need, entry, act))));
}

function drawEntry(need, entry, act) {
  const name = entry.account;
  const facts = [entry.arr_usd !== null && `${money(entry.arr_usd)} a year`, whyOf(need, entry), entry.owner && `owner: ${entry.owner}`];
  return el("li", { class: "loop-entry" },
    el("h3", { id: `${entry.id}-title`, tabindex: "-1" }, accountLink(entry.account_id)),
    el("p", { class: "quiet" }, facts.filter(Boolean).join(" · ")),
    quoteList(entry.quotes, QUOTES_SHOWN, { id: `${entry.id}-more` }),
    note(entry),
    entry.state === "to do"
      ? el("p", { class: "row", "data-needs": "editor" },
        button("Told them", `Told ${name} about ${need.label}`, () => act(entry, "sent", `${name} was told.`), "main"),
        button("Put aside", `Put ${name} aside for ${need.label}`, () => act(entry, "dismiss", `${name} need not be told.`), "plain"))
      : el("p", { class: "row" },
        el("span", { class: "quiet" }, `${entry.state === "sent" ? "Told" : "Put aside"} by `, el("bdi", {}, entry.by), ` on ${moment(entry.at)}`),
        el("span", { "data-needs": "editor" }, button("Back to do", `${name} is to be told again`, () => act(entry, "restore", `${name} is to be told again.`), "link"))));
}

function button(words, label, onclick, kind) {
  return el("button", { type: "button", class: kind, "aria-label": label, onclick }, words);
}

function note(entry) {
  const said = el("span", { class: "quiet", role: "status" });
  const whose = entry.owner ? `Note for ${entry.owner}` : "Note for whoever looks after them";
  return el("details", { class: "loop-note", id: `${entry.id}-note` },
    el("summary", {}, whose),
    el("p", {}, entry.note),
    el("p", { class: "row" },
      button("Copy it", `Copy the note about ${entry.account}`, async () => {
        try {
          await copyText(entry.note);
          said.textContent = "Copied.";
        } catch (problem) {
          said.textContent = problem.message;
        }
      }, ""), said));
}
