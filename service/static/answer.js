// Shows an Answer: statements by account with their quotes, or plainly that there is none.

import { callPage } from "./api.js";
import { el } from "./element.js";
import { clock, day, DOUBTFUL, money, percent, ROLES, several } from "./format.js";
import { accountName, calls } from "./known.js";
import { playButton } from "./player.js";

const SILENT_SHOWN = 6;

export function answerCard(answer) {
  return el(
    "article",
    { class: "answer" },
    asked(answer),
    answer.abstained && abstention(answer),
    coverage(answer.coverage),
    statements(answer.statements),
    part("What speaks against it", "", answer.counter, "counter"),
    part(
      "Nearest words",
      "These are not an answer, only the closest that customers came.",
      answer.nearest ?? [],
      "nearest",
    ),
    part(
      "Said only by your own people",
      "Not counted: no customer is on record with it.",
      answer.internal,
      "internal",
    ),
  );
}

// What a screen reader says when the answer is there.
export function summary(answer) {
  if (answer.abstained) return `No answer. ${answer.reason ?? ""}`;
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

function coverage(c) {
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
    silent.length > 0 && el("p", { class: "silent" }, "Silent: ", silent.slice(0, SILENT_SHOWN).join(", "),
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

function part(title, note, found, kind) {
  if (found.length === 0) return null;
  return el("section", { class: kind }, el("h4", {}, title), note && el("p", { class: "quiet" }, note), statements(found, kind !== "internal"));
}

// `counted`: whether the accounts' revenue stands behind it; what only the vendor said has none.
function statements(found, counted = true) {
  if (found.length === 0) return null;
  return el("ol", { class: "statements" }, found.map((one) => {
    const [first, ...rest] = one.quotes;
    const names = one.accounts.length > 0 ? one.accounts.map(accountName).join(", ") : "No account";
    return el(
      "li",
      {},
      el("p", { class: "whose" }, el("strong", {}, names), " ",
        counted && one.accounts.length > 0 && el("span", { class: "arr" }, `${money(one.arr_usd)} a year`)),
      repeats(one) ? null : el("p", { class: "sentence" }, one.text),
      quoteBlock(first),
      rest.length > 0 && el("details", { class: "more" },
        el("summary", {}, `${several(rest.length, "more quote")}`), rest.map(quoteBlock)),
    );
  }));
}

// An extractive statement only says a quote again, perhaps shortened; then the quote is enough.
function repeats(statement) {
  const inner = /“(.*)”/s.exec(statement.text)?.[1].replace(/[\s…]+$/, "");
  return Boolean(inner) && statement.quotes.some((quote) => quote.text.includes(inner));
}

function quoteBlock(quote) {
  const call = calls.get(quote.call_id);
  const at = quote.start_s === null ? "" : `?t=${quote.start_s}`;
  const page = `${callPage(quote.call_id)}${at}#u${quote.utterance}`;
  const title = call?.title ?? quote.call_id;
  const playable = call?.has_audio && quote.start_s !== null;
  const moment = {
    callId: quote.call_id, start: quote.start_s, end: quote.end_s, name: quote.speaker,
    from: `(${accountName(quote.account_id)})`, hash: `#u${quote.utterance}`,
  };
  return el(
    "figure",
    { class: `quote ${quote.role}` },
    playable
      ? playButton(moment)
      : el("a", { class: "read", href: page, "aria-label": "No sound: this call came as a transcript. Read it there", title: "This call came as a transcript; there is no sound. Read it there." }),
    el("blockquote", {}, quote.text),
    el(
      "figcaption",
      {},
      el("strong", {}, quote.speaker), `, ${accountName(quote.account_id)}`,
      quote.role === "internal" && el("span", { class: "tag internal" }, ROLES.internal),
      quote.role_doubt >= DOUBTFUL && el("span", { class: "tag doubt", title: `The chance that ${quote.speaker} is no ${ROLES[quote.role]} is ${percent(quote.role_doubt)}; correct it in the call.` }, `role uncertain, ${percent(quote.role_doubt)}`),
      quote.hand === "third" && el("span", { class: "tag" }, "speaking of others"),
      el("br"),
      el("a", { href: page }, title), call?.date ? ` · ${day(call.date)}` : "",
      quote.start_s === null ? "" : ` · ${clock(quote.start_s)}`,
      playable ? "" : " · transcript only",
    ),
  );
}
