// What nobody has confirmed: themes that a model named, and groups of words that sound alike.

import { el } from "./element.js";
import { several } from "./format.js";
import { said } from "./themes-list.js";

const TEASERS = 2;
const typed = new Map(); // names begun, by theme: drawing anew must not lose them
const candidateApi = (id) => `/api/candidates/${encodeURIComponent(id)}`;

// Naming and confirming, or putting aside. `change` as in themes.js.
export function offerForm(theme, { change, gone }) {
  const found = theme.by === "model";
  const name = el("input", {
    "aria-label": found ? `Name of this theme, found as ${theme.label}` : "Name of this theme", maxlength: 200, required: true, autocomplete: "off",
    value: typed.get(theme.id) ?? (found ? theme.label : ""), placeholder: "What would you call it?",
    oninput: (event) => typed.set(theme.id, event.target.value),
  });
  const back = { focus: found ? "found-title" : "candidates-title", closes: true, then: () => gone(theme.id) };
  return el("form", { class: "row offer", "data-needs": "editor", onsubmit: async (event) => {
    event.preventDefault();
    const done = await change.post(`${candidateApi(theme.id)}/confirm`, { label: name.value.trim() }, (code) => `“${code.label}” is a theme of yours now.`, back);
    if (done) typed.delete(theme.id);
  } }, name, el("button", { type: "submit" }, "Confirm"),
  el("button", { type: "button", class: "plain", onclick: () => change.post(`${candidateApi(theme.id)}/dismiss`, undefined,
    found ? `“${theme.label}” is put aside.` : "The group is put aside.", back) }, "Dismiss"));
}

// A group by likeness: never a rank, never a sum; some of the words, and the decision.
export function offerCard(theme, context) {
  const made = el("li", { class: "offered" },
    el("p", { class: "whose quiet" }, el("span", { class: "tag" }, theme.kind), el("span", {}, several(theme.accounts_n, "account"))),
    theme.evidence.slice(0, TEASERS).map(said),
    el("p", {}, el("button", { type: "button", class: "link", onclick: () => context.open(theme.id, null) }, "Read and hear all of it")),
    offerForm(theme, context));
  made.dataset.theme = theme.id;
  return made;
}
