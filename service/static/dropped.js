// What a language model gave and its quotes do not bear: folded, struck out, each with why.

import { el } from "./element.js";

// `rows` are {text, why} and, in a call, `what` it was meant to be.
export function droppedList(rows, words, id = null) {
  if (rows.length === 0) return null;
  return el("details", { class: "dropped", id }, el("summary", {}, words),
    el("p", { class: "quiet" }, "The words that were said do not bear it, so it counts for nothing:"),
    el("ul", {}, rows.map((one) => el("li", {},
      el("span", { class: "tag" }, one.what ? `dropped ${one.what}` : "dropped"), " ",
      one.text ? el("s", {}, one.text) : el("span", { class: "quiet" }, "not repeated here"),
      el("span", { class: "why" }, `Why: ${one.why}.`)))));
}
