// Statements of an answer: a sentence with its figures, whose words it rests on, and the words.

import { el } from "./element.js";
import { money, several } from "./format.js";
import { accountLink, accountName } from "./known.js";
import { quoteList } from "./quote.js";

const NAMES_SHOWN = 8; // accounts named under a statement; the others are folded away
const VOICES_SHOWN = 5; // accounts in their own words; more than these are folded away
// What is counted, how often, and then the accounts (:) or what a reader should know of it (.).
const COUNTED = /^(?:(.*): )?(\d+ accounts?) worth (\$[\d,]+) a year(?:, (\d+ of the Top 20))?([^.:]*)([.:]) ?(.*)$/s;

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

// Nothing is added up: every statement is one account's own words, and there are many.
export const addsNothingUp = (found) => found.length > VOICES_SHOWN && found.every((one) => lead(one) !== null);

export const statementItem = (one, n, { summed = false, act = () => null } = {}) =>
  lead(one) === null ? counted(one, n, summed, act) : voiced(one, n, act);

// Statements in their order; where many accounts speak for themselves in a row, most are folded.
// `act(one, at)` gives what can be done with the statement at that place, from 0.
export function statementList(found, { titled = true, summed = false, act = () => null } = {}) {
  const runs = [];
  found.forEach((one, at) => {
    const voice = lead(one) !== null;
    if (runs.at(-1)?.voice !== voice) runs.push({ voice, items: [], accounts: new Set() });
    runs.at(-1).items.push(() => statementItem(one, at + 1, { summed, act: () => act(one, at) }));
    for (const account of one.accounts) runs.at(-1).accounts.add(account);
  });
  return runs.map(({ voice, items, accounts }, n) => {
    const drawn = (some) => el("ol", { class: "statements" }, some.map((make) => make()));
    if (!voice || items.length <= VOICES_SHOWN) return drawn(items);
    const rest = items.slice(VOICES_SHOWN);
    return [
      titled && el("h3", { class: n > 0 ? "voices" : "voices opening" }, `${several(accounts.size, "account")} in their own words, most revenue first`),
      drawn(items.slice(0, VOICES_SHOWN)),
      fold("fold", `${rest.length} more`, () => drawn(rest)),
    ];
  });
}

// Hundreds of accounts may speak for themselves: what is folded is drawn when it is opened.
function fold(name, words, draw) {
  const made = el("details", { class: name }, el("summary", {}, words));
  made.addEventListener("toggle", () => made.append(draw()), { once: true });
  return made;
}

const number = (n) => el("span", { class: "n", "aria-label": `${n}.` }, String(n));

// Over several accounts, or about them: the sentence first, then whose words it rests on.
function counted(one, n, summed, act) {
  const [, label, count, worth, ofTop, told, mark, rest] = COUNTED.exec(one.text) ?? [];
  const figures = count ? [count, `${worth} a year`, ofTop] : [summed && reach(one)];
  const sentence = count ? label ?? `${count} worth ${worth} a year${told}` : one.text;
  return el(
    "li",
    { class: "counted" },
    number(n),
    el("p", { class: "sentence" }, sentence),
    (label || !count) && figures.some(Boolean) && el("p", { class: "reach" }, figures.filter(Boolean).join(" · ") + (told ?? "")),
    mark === "." && rest && el("p", { class: "note" }, rest),
    (count || one.accounts.length > 1) && named(one.accounts),
    quoteList(one.quotes, 2),
    act(),
  );
}

function reach(one) {
  if (one.accounts_n === 0) return "no account on file";
  return `${several(one.accounts_n, "account")} · ${worth(one)}`;
}

const worth = (one) => (one.arr_usd ? `${money(one.arr_usd)} a year` : "no ARR on file");

function named(accounts) {
  const links = accounts.map((id, n) => [n > 0 && ", ", accountLink(id)]);
  const rest = links.slice(NAMES_SHOWN);
  return el("p", { class: "quiet silent" }, links.slice(0, NAMES_SHOWN),
    rest.length > 0 && el("details", {}, el("summary", {}, `and ${rest.length} more`), rest));
}

// One account in its own words; what the sentence says of it besides stands with it.
function voiced(one, n, act) {
  const [first] = one.quotes;
  const account = accountName(first.account_id);
  const speaker = `${first.speaker} (${account})`;
  const before = lead(one);
  const bySpeaker = before.endsWith(speaker);
  const told = bySpeaker ? before.slice(0, -speaker.length).replace(/[: ]+$/, "") : "";
  return el(
    "li",
    {},
    number(n),
    el("p", { class: "whose" }, el("strong", {}, bySpeaker ? accountLink(first.account_id) : before), " ",
      one.accounts.length > 0 && el("span", { class: "arr" }, worth(one))),
    told && el("p", { class: "quiet" }, told),
    quoteList(one.quotes, 1),
    act(),
  );
}
