// One theme: how far it goes, in whose words, and what a person can do to it.

import { el } from "./element.js";
import { api } from "./api.js";
import { day, money, several } from "./format.js";
import { accountName } from "./known.js";
import { quoteList } from "./quote.js";

const QUOTES_SHOWN = 2;
const codeApi = (id) => `/api/codes/${encodeURIComponent(id)}`;
const candidateApi = (id) => `/api/candidates/${encodeURIComponent(id)}`;
const post = (path, json = undefined) => api(path, { method: "POST", json });
const patch = (id, json) => api(codeApi(id), { method: "PATCH", json });

// `codes` are the active ones; `change(work, sentence, focus)` does something and draws anew.
export function themeCard(theme, code, codes, change) {
  const heading = `name-${theme.id}`;
  return el(
    "li",
    { class: "theme" },
    figures(theme, heading),
    quoteList(theme.evidence, QUOTES_SHOWN, {
      id: `more-${theme.id}`, under: (quote) => judging(theme, code, quote, change),
    }),
    against(theme),
    actions(theme, codes, change, heading),
  );
}

// A theme that a model named: its figures and its words, and the decision that is a person's.
export function foundCard(theme, change) {
  const heading = `name-${theme.id}`;
  const name = el("input", { "aria-label": `Name of this theme, found as ${theme.label}`, maxlength: 200, required: true, value: theme.label });
  const dismiss = () => change(() => post(`${candidateApi(theme.id)}/dismiss`), `“${theme.label}” is put aside.`, "found-title");
  return el(
    "li",
    { class: "theme candidate" },
    figures(theme, heading),
    quoteList(theme.evidence, QUOTES_SHOWN, { id: `more-${theme.id}` }),
    against(theme),
    el("form", { class: "row", onsubmit: (event) => {
      event.preventDefault();
      change(() => post(`${candidateApi(theme.id)}/confirm`, { label: name.value.trim() }),
        (code) => `“${code.label}” is a theme of yours now.`, "found-title");
    } }, name, el("button", { type: "submit" }, "Confirm"), el("button", { type: "button", class: "plain", onclick: dismiss }, "Dismiss")),
  );
}

function figures(theme, heading) {
  return [
    el("span", { class: "n", title: "Rank" }, String(theme.rank)),
    el("header", {},
      el("h3", { id: heading, tabindex: -1 }, theme.label),
      el("span", { class: "tag" }, theme.kind),
      theme.pinned && el("span", { class: "tag sound" }, "pinned"),
      el("span", { class: `tag ${theme.confidence === "low" ? "doubt" : ""}`, title: "High: at least four accounts in two industries, and the rank stays when any one of them is left out. Low: one or two accounts." }, `confidence ${theme.confidence}`)),
    el("p", { class: "reach" }, reach(theme)),
    theme.definition && el("p", {}, theme.definition),
    theme.notes.map((note) => el("p", { class: "note" }, note)),
    el("p", { class: "quiet" }, theme.accounts.map((one) => accountName(one.account_id)).join(", ")),
  ];
}

function against(theme) {
  return theme.counter.length > 0 && el("section", { class: "against" },
    el("h4", {}, "What speaks against it"), quoteList(theme.counter, 1, { id: `against-${theme.id}` }));
}

function reach(theme) {
  const heard = [theme.first_heard, theme.last_heard].filter(Boolean).map(day);
  return [
    several(theme.accounts_n, "account"), `${money(theme.arr_usd)} a year`,
    `${theme.top_accounts_n} of the Top 20`,
    theme.segments_n > 0 && several(theme.segments_n, "industry", "industries"),
    several(theme.mentions_n, "mention"), [...new Set(heard)].join(" to "),
  ].filter(Boolean).join(" · ");
}

function judging(theme, code, quote, change) {
  const confirmed = (code?.examples ?? []).some((words) => words.includes(quote.text));
  const button = (verdict, words, sentence) =>
    el("button", { type: "button", class: "link", onclick: () => change(
      () => post(`${codeApi(theme.id)}/judge`, { call_id: quote.call_id, utterance: quote.utterance, verdict }),
      sentence, `name-${theme.id}`) }, words);
  return el(
    "div",
    { class: "judge" },
    confirmed
      ? [el("span", { class: "tag sound" }, "belongs here, you said"), button("clear", "Take that back", `${quote.speaker}'s words are open again.`)]
      : button("confirm", "It belongs here", `${quote.speaker}'s words belong to “${theme.label}”.`),
    button("reject", "It does not", `${quote.speaker}'s words no longer count for “${theme.label}”.`),
  );
}

// What is done to a code: each opens one small form, or is done at once and can be undone.
function actions(code, codes, change, focus) {
  const others = codes.filter((one) => one.id !== code.id);
  const place = el("div", { class: "asked-for" });
  const row = el(
    "p",
    { class: "row" },
    el("button", { type: "button", onclick: () => open(renaming()) }, "Rename"),
    el("button", { type: "button", onclick: () => change(
      () => patch(code.id, { pinned: !code.pinned }), `${code.pinned ? "Unpinned" : "Pinned"} “${code.label}”.`, focus, { follow: true }) },
    code.pinned ? "Unpin" : "Pin"),
    others.length > 0 && el("button", { type: "button", onclick: () => open(merging()) }, "Merge into …"),
    el("button", { type: "button", onclick: () => change(
      () => patch(code.id, { state: "dismissed" }), `“${code.label}” is put aside.`) }, "Put aside"),
  );
  return el("div", { class: "actions" }, row, place);

  function open(form) {
    place.replaceChildren(form);
    form.querySelector("input, select").focus();
  }

  function small(words, field, submit) {
    return el("form", { class: "row", onsubmit: (event) => {
      event.preventDefault();
      submit(event.target.elements[0].value);
    }, onkeydown: (event) => {
      if (event.key === "Escape") close();
    } }, field, el("button", { type: "submit" }, words), el("button", { type: "button", class: "plain", onclick: close }, "Cancel"));
  }

  function close() {
    place.replaceChildren();
    row.querySelector("button").focus();
  }

  function renaming() {
    const field = el("input", { "aria-label": `New name of ${code.label}`, maxlength: 200, required: true, value: code.label });
    return small("Rename it", field, (label) => change(
      () => patch(code.id, { label }), (now) => `“${code.label}” is “${now.label}” now.`, focus));
  }

  function merging() {
    const field = el("select", { "aria-label": `Theme that ${code.label} goes into` },
      others.map((one) => el("option", { value: one.id }, one.label)));
    return small("Merge", field, (into) => change(
      () => post(`${codeApi(into)}/merge`, { ids: [code.id] }),
      (kept) => `“${code.label}” is part of “${kept.label}” now.`, `name-${into}`, { follow: true }));
  }
}

export function unheardLine(code, codes, change) {
  return el("li", {}, el("h4", { id: `name-${code.id}`, tabindex: -1 }, code.label, " ", el("span", { class: "tag" }, code.kind)),
    code.definition && el("p", {}, code.definition), actions(code, codes, change, `name-${code.id}`));
}

export function dismissedLine(code, change) {
  return el("li", { class: "row" },
    el("span", {}, el("strong", {}, code.label), code.examples.length > 0 && el("q", { class: "clipped" }, code.examples[0])),
    el("button", { type: "button", onclick: () => change(() => patch(code.id, { state: "active" }), `“${code.label}” is back.`, `name-${code.id}`, { follow: true }) }, "Take it back"));
}

// A group by likeness: never a rank, never a sum; the words, and the decision.
export function candidateCard(theme, change) {
  const name = el("input", { "aria-label": "Name of this theme", maxlength: 200, required: true, placeholder: "What would you call it?" });
  const dismiss = () => change(() => post(`${candidateApi(theme.id)}/dismiss`), "The group is put aside.", "candidates-title");
  return el(
    "li",
    { class: "candidate" },
    el("header", {}, el("span", { class: "tag" }, theme.kind),
      el("span", { class: "quiet" }, `words of ${several(theme.accounts_n, "account")}`)),
    quoteList(theme.evidence, QUOTES_SHOWN, { id: `more-${theme.id}` }),
    el("form", { class: "row", onsubmit: (event) => {
      event.preventDefault();
      const label = name.value.trim();
      change(() => post(`${candidateApi(theme.id)}/confirm`, { label }), (code) => `“${code.label}” is a theme now.`, "candidates-title");
    } }, name, el("button", { type: "submit" }, "Confirm"), el("button", { type: "button", class: "plain", onclick: dismiss }, "Dismiss")),
  );
}
