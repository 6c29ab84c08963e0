// Shows an Answer: statements by account with their quotes, or plainly that there is none.

import { droppedList } from "./dropped.js";
import { el } from "./element.js";
import { day, money, several } from "./format.js";
import { accountName } from "./known.js";
import { quoteBlock, quoteList } from "./quote.js";

const SILENT_SHOWN = 6;
const NAMES_SHOWN = 10; // accounts named under a statement; the others are folded away
// The count; then the accounts, or what a reader should know of it.
const COUNTED = /^(.*? worth \$[\d,]+ a year(?:, \d+ of the Top 20)?)([.:]) ?(.*)$/s;
const VOICES_SHOWN = 5; // accounts in their own words; more than these are folded away

export function answerCard(answer) {
  const told = !answer.abstained && answer.reason;
  const nearest = answer.nearest ?? [];
  return el(
    "article",
    { class: "answer" },
    asked(answer),
    answer.abstained && abstention(answer),
    told && el("p", { class: "told" }, answer.reason),
    answer.provenance.note && el("p", { class: "notice" }, answer.provenance.note),
    coverage(answer.coverage, !told),
    written(answer),
    statements(answer.statements, true, byModel(answer)),
    addsNothingUp(answer) && el("p", { class: "quiet" },
      "No confirmed theme is in this answer, so nothing is added up across accounts. ",
      el("a", { href: "/themes" }, "See what could be named"), "."),
    part("What speaks against it", "", answer.counter, "counter", byModel(answer)),
    answer.abstained
      ? part("Nearest, but no clear answer", "The closest that customers came to it.", nearest, "nearest")
      : part("Also near", "Further words close to the question; they need not bear on it.", nearest, "nearest"),
    part(
      "Said only by your own people",
      "Not counted: no customer is on record with it.",
      answer.internal,
      "internal",
    ),
    droppedList(answer.provenance.dropped ?? [],
      `${several(answer.provenance.dropped?.length ?? 0, "sentence")} did not check out`, "dropped"),
  );
}

// A sentence that came before the whole answer.
export const comingStatement = (one, n) =>
  lead(one) === null ? counted(one, n, false) : voiced(one, n);

// Sums stand beside a model's sentences, but where one moment is the answer.
const byModel = (answer) => answer.provenance.mode === "llm" && answer.kind !== "lookup";

function written(answer) {
  if (answer.provenance.mode !== "llm" || answer.statements.length === 0) return null;
  return el("p", { class: "quiet written" }, "The sentences are written by ",
    el("strong", {}, answer.provenance.model ?? "a language model"),
    ", and each was checked against the quotes under it. Quotes, sums and order are not the model's.");
}

// What a screen reader says when the answer is there.
export function summary(answer) {
  if (answer.abstained) return `No answer. ${answer.reason ?? ""}`;
  if (answer.statements.length === 0) return answer.reason ?? "";
  const quotes = answer.statements.reduce((n, one) => n + one.quotes.length, 0);
  return `${several(answer.statements.length, "statement")} resting on ${several(quotes, "quote")}.`;
}

function asked(answer) {
  const f = answer.filters;
  const within = [
    f.top && `Top ${f.top}`, f.tier, f.segment, f.region, ...(f.accounts ?? []).map(accountName),
    f.since && `since ${day(f.since)}`, f.until && `until ${day(f.until)}`,
  ].filter(Boolean);
  return el(
    "header",
    {},
    el("h3", { class: "asked" }, answer.question),
    within.length > 0 && el("p", { class: "within" }, within.map((w) => el("span", { class: "tag" }, w))),
  );
}

function coverage(c, named) {
  const silent = c.accounts_silent.map(accountName);
  const more = silent.slice(SILENT_SHOWN);
  return el(
    "div",
    { class: "coverage" },
    el("p", {}, el("strong", {}, `Heard ${c.accounts_heard} of ${several(c.accounts_in_scope, "account")}`),
      ` · ${money(c.arr_heard_usd)} of ${money(c.arr_in_scope_usd)} a year · ${several(c.calls_read, "call")} read`),
    c.accounts_in_scope > 0 && el("meter", {
      min: 0, max: c.accounts_in_scope, value: c.accounts_heard,
      "aria-label": `${c.accounts_heard} of ${c.accounts_in_scope} accounts heard`,
    }),
    named && silent.length > 0 && el("p", { class: "silent" }, "Silent: ", silent.slice(0, SILENT_SHOWN).join(", "),
      more.length > 0 && el("details", {}, el("summary", {}, `and ${more.length} more`), more.join(", "))),
  );
}

function abstention(answer) {
  return el(
    "div",
    { class: "abstained" },
    el("h4", {}, "No answer"),
    el("p", {}, answer.reason ?? "Nothing that customers said bears on it."),
    el("p", { class: "quiet" }, "Ask in other words, take off a filter, or add calls in which it came up."),
  );
}

function part(title, note, found, kind, summed = false) {
  if (found.length === 0) return null;
  // What is no answer has no rank and no revenue.
  const bare = kind === "internal" || kind === "nearest";
  return el("section", { class: kind }, el("h4", {}, title), note && el("p", { class: "quiet" }, note),
    bare ? found.flatMap((one) => one.quotes).map((quote) => quoteBlock(quote)) : statements(found, false, summed));
}

// What stands before the quote in which a statement ends; null for a sentence of its own, which
// counts something or sums it up. Same as `lead` of the command line.
export function lead(statement) {
  const even = (text) => text.replace(/\s+/g, " ").trim();
  const said = statement.quotes.map((quote) => even(quote.text));
  for (let at = statement.text.indexOf("“"); at >= 0; at = statement.text.indexOf("“", at + 1)) {
    const inner = even(statement.text.slice(at + 1).replace(/[” .]+$/, "").replace(/[… ]+$/, ""));
    if (inner && said.some((words) => words.includes(inner))) return statement.text.slice(0, at).replace(/[: ]+$/, "");
  }
  return null;
}

const addsNothingUp = (answer) =>
  answer.statements.length > VOICES_SHOWN && answer.statements.every((one) => lead(one) !== null);

// Statements in their order; where many accounts speak for themselves in a row, most are folded.
function statements(found, titled = true, summed = false) {
  if (found.length === 0) return null;
  const runs = [];
  found.forEach((one, n) => {
    const voice = lead(one) !== null;
    if (runs.at(-1)?.voice !== voice) runs.push({ voice, items: [], accounts: new Set() });
    runs.at(-1).items.push(voice ? voiced(one, n + 1) : counted(one, n + 1, summed));
    for (const account of one.accounts) runs.at(-1).accounts.add(account);
  });
  return runs.map(({ voice, items, accounts }) => {
    if (!voice || items.length <= VOICES_SHOWN) return el("ol", { class: "statements" }, items);
    const rest = items.slice(VOICES_SHOWN);
    return [
      titled && el("h4", { class: "voices" }, `${several(accounts.size, "account")} in their own words, most revenue first`),
      el("ol", { class: "statements" }, items.slice(0, VOICES_SHOWN)),
      el("details", { class: "fold" }, el("summary", {}, `${rest.length} more`), el("ol", { class: "statements" }, rest)),
    ];
  });
}

const number = (n) => el("span", { class: "n" }, String(n));

// Over several accounts, or about them: the sentence first, then whose words it rests on.
function counted(one, n, summed) {
  const [, count, mark, rest] = COUNTED.exec(one.text) ?? [];
  return el(
    "li",
    { class: "counted" },
    number(n),
    el("p", { class: "sentence" }, count ?? one.text),
    mark === "." && rest && el("p", { class: "note" }, rest),
    summed && !count && el("p", { class: "reach" }, one.accounts_n > 0
      ? `${several(one.accounts_n, "account")} · ${one.arr_usd ? `${money(one.arr_usd)} a year` : "no ARR on file"}`
      : "no account on file"),
    (count || one.accounts.length > 1) && named(one.accounts.map(accountName)),
    quoteList(one.quotes, 2),
  );
}

function named(accounts) {
  const rest = accounts.slice(NAMES_SHOWN);
  return el("p", { class: "quiet silent" }, accounts.slice(0, NAMES_SHOWN).join(", "),
    rest.length > 0 && el("details", {}, el("summary", {}, `and ${rest.length} more`), rest.join(", ")));
}

// One account in its own words; what the sentence says of it besides stands with it.
function voiced(one, n) {
  const [first] = one.quotes;
  const account = accountName(first.account_id);
  const speaker = `${first.speaker} (${account})`;
  const before = lead(one);
  const told = before.endsWith(speaker) ? before.slice(0, -speaker.length).replace(/[: ]+$/, "") : "";
  return el(
    "li",
    {},
    number(n),
    el("p", { class: "whose" }, el("strong", {}, before.endsWith(speaker) ? account : before), " ",
      one.accounts.length > 0 && el("span", { class: "arr" }, one.arr_usd ? `${money(one.arr_usd)} a year` : "no ARR on file")),
    told && el("p", { class: "quiet" }, told),
    quoteList(one.quotes, 1),
  );
}
