// Shows an Answer: the question, who was heard, statements with their quotes, or plainly a no.

import { coverageStrip } from "./coverage.js";
import { droppedList } from "./dropped.js";
import { el } from "./element.js";
import { several } from "./format.js";
import { accountLink } from "./known.js";
import { quoteBlock } from "./quote.js";
import { addsNothingUp, statementList } from "./statements.js";
import { within } from "./within.js";

const TO_CALL = 3; // silent accounts named when there is no answer

// `about` is what stands under the question, `act(part, statement, at)` what can be done with a
// statement, `lift(names)` asks again without these filters, of which `asked` are set.
export function answerCard(answer, { about = null, act = () => null, asked = {}, lift = () => {} } = {}) {
  const { abstained, statements } = answer;
  const told = !abstained && answer.reason;
  const summed = byModel(answer);
  const nearest = answer.nearest ?? [];
  return el(
    "article",
    { class: "answer" },
    heading(answer),
    about,
    answer.provenance.note && el("p", { class: "notice" }, answer.provenance.note),
    abstained && abstention(answer, asked, lift),
    told && el("p", { class: "told" }, answer.reason),
    coverageStrip(answer.coverage, { named: !told && !abstained }),
    statementList(statements, { summed, act: (one, at) => act("statements", one, at) }),
    addsNothingUp(statements) && el("p", { class: "quiet" },
      "No confirmed theme is in this answer, so nothing is added up across accounts. ",
      el("a", { href: "/themes" }, "See what could be named"), "."),
    answer.counter.length > 0 && el("section", { class: "counter" }, el("h3", {}, "What speaks against it"),
      statementList(answer.counter, { titled: false, summed, act: (one, at) => act("counter", one, at) })),
    abstained
      ? words("Nearest, but no clear answer", "The closest that customers came to it.", nearest, "nearest")
      : words("Also near", "Further words close to the question; they need not bear on it.", nearest, "nearest"),
    words("Said only by your own people", "Not counted: no customer is on record with it.", answer.internal, "internal"),
    written(answer),
    droppedList(answer.provenance.dropped ?? [],
      `${several(answer.provenance.dropped?.length ?? 0, "sentence")} did not check out`, "dropped"),
  );
}

// Sums stand beside a model's sentences, but where one moment is the answer.
const byModel = (answer) => answer.provenance.mode === "llm" && answer.kind !== "lookup";

// What a screen reader says when the answer is there.
export function summary(answer) {
  if (answer.abstained) return `No answer. ${answer.reason ?? ""}`;
  if (answer.statements.length === 0) return answer.reason ?? "";
  const quotes = answer.statements.reduce((n, one) => n + one.quotes.length, 0);
  return `${several(answer.statements.length, "statement")} resting on ${several(quotes, "quote")}.`;
}

function heading(answer) {
  const tags = within(answer.filters);
  return el("header", {},
    el("h2", { class: "asked", tabindex: -1 }, answer.question),
    tags.length > 0 && el("p", { class: "within" }, el("span", { class: "unseen" }, "Asked of "),
      tags.map((tag) => [el("span", { class: "tag" }, tag), " "])));
}

function written(answer) {
  if (answer.provenance.mode !== "llm" || answer.statements.length === 0) return null;
  return el("p", { class: "quiet written" }, "The sentences are written by ",
    el("strong", {}, answer.provenance.model ?? "a language model"),
    ", and each was checked against the quotes under it. Quotes, sums and order are not the model's.");
}

// A plain no, and what can be done about it.
function abstention(answer, asked, lift) {
  const set = Object.keys(asked).filter((name) => asked[name]);
  const silent = answer.coverage.accounts_silent.slice(0, TO_CALL);
  return el(
    "div",
    { class: "abstained" },
    el("h3", {}, "No answer"),
    el("p", {}, answer.reason ?? "Nothing that customers said bears on it."),
    el("p", {}, "What you can do:"),
    el("ul", {},
      set.length > 0 && el("li", {}, "Ask of more: ",
        set.map((name, n) => [el("button", { type: "button", class: "link", onclick: () => lift([name]) },
          `without “${within({ [name]: asked[name] }).join(", ")}”`), n < set.length - 1 && " · "]),
        set.length > 1 && " · ", set.length > 1 && el("button", { type: "button", class: "link", onclick: () => lift(set) }, "without any filter")),
      answer.coverage.calls_read === 0
        ? el("li", { "data-needs": "editor" }, el("a", { href: "/calls" }, "Add calls"), " in which it could have come up.")
        : el("li", {}, "Ask in other words: those a customer would use."),
      silent.length > 0 && el("li", {}, "Call who was not heard yet: ",
        silent.map((id, n) => [n > 0 && ", ", accountLink(id)]), "."),
      (answer.nearest ?? []).length > 0 && el("li", {}, "See below what came nearest.")),
  );
}

// What is no answer has no rank and no revenue.
function words(title, note, found, kind) {
  if (found.length === 0) return null;
  return el("section", { class: kind }, el("h3", {}, title), el("p", { class: "quiet" }, note),
    found.flatMap((one) => one.quotes).map((quote) => quoteBlock(quote)));
}
