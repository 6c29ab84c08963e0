// One theme beside the list: figures, when, each account's words, what speaks against, what can be done.

import { reelButton } from "./clips.js";
import { byId, el } from "./element.js";
import { money, several } from "./format.js";
import { accountName, audible } from "./known.js";
import { quoteList } from "./quote.js";
import { actions, judging } from "./theme-acts.js";
import { filters } from "./themes-address.js";
import { offerForm } from "./themes-offered.js";
import { heardFrom } from "./themes-list.js";
import { timeOf } from "./themes-time.js";

const QUOTES_SHOWN = 2; // of an account, before the others are folded away
const panel = byId("panel");

// `context`: {code, codes, change, open, account, splitting, split}
export function drawPanel(one, context) {
  const { theme } = one;
  const named = theme.by !== "likeness";
  head(theme, context.code);
  fill([
    context.account === null ? whole(theme, context) : only(one, context),
    named && one.heard.length > 0 && one.first !== one.last && el("section", { class: "theme-when", "aria-label": "When it was heard" }, timeOf({ ...theme, heard: one.heard }, one)),
    context.splitting ? splitForm(one, context) : null,
    words(one, context),
    reel(one, context),
    named && !context.splitting && against(one),
  ]);
}

function whole(theme, context) {
  return [
    theme.by !== "likeness" && figures(theme),
    theme.definition && el("p", {}, theme.definition),
    theme.notes.map((note) => el("p", { class: "note" }, note)),
    theme.status === "candidate" ? offerForm(theme, context) : actions(theme, context),
  ];
}

// A theme of the codebook of which nobody in these accounts spoke.
export function drawUnheard(code, sentence, context) {
  head(code, code);
  fill([
    code.definition && el("p", {}, code.definition),
    el("p", { class: "first" }, sentence), code.state === "active" && actions(code, { ...context, code, split: null }),
  ]);
}

// While the words are fetched, or when they cannot be.
export function drawWaiting(title, problem = "") {
  byId("panel-title").textContent = title;
  byId("panel-tags").replaceChildren();
  fill([problem && el("p", { class: "notice bad", role: "alert" }, problem)]);
}

function fill(parts) {
  const body = byId("panel-body");
  const open = new Set([...body.querySelectorAll("details[open][id]")].map((fold) => fold.id));
  const scrolled = panel.scrollTop;
  body.replaceChildren(...parts.flat(9).filter(Boolean));
  for (const fold of body.querySelectorAll("details[id]")) if (open.has(fold.id)) fold.open = true;
  panel.scrollTop = scrolled;
}

function head(theme, code) {
  byId("panel-title").textContent = theme.by === "likeness" ? "Words that sound alike" : theme.label;
  byId("panel-tags").replaceChildren(...[
    el("span", { class: "tag" }, theme.kind),
    theme.pinned && el("span", { class: "tag sound" }, "pinned"),
    code?.status_at && el("a", { class: code.status === "shipped" ? "tag sound" : "tag", href: `/loop?need=${encodeURIComponent(code.id)}` }, code.status),
    theme.status === "candidate" && el("span", { class: "tag doubt" }, "not confirmed"),
    theme.state === "dismissed" && el("span", { class: "tag" }, "put aside"),
  ].filter(Boolean));
}

function figures(theme) {
  const figure = (value, words) => el("div", {}, el("dt", {}, words), el("dd", {}, value));
  return [
    el("dl", { class: "theme-figures" },
      figure(money(theme.arr_usd), "revenue a year"),
      figure(String(theme.accounts_n), theme.accounts_n === 1 ? "account" : "accounts"),
      figure(String(theme.top_accounts_n), "of the Top 20"),
      figure(String(theme.mentions_n), theme.mentions_n === 1 ? "mention" : "mentions")),
    el("p", { class: "quiet", title: "High: at least four accounts in two industries, and the rank stays when any one of them is left out. Low: one or two accounts." },
      `Confidence ${theme.confidence} · heard ${heardFrom(theme) || "on no known day"}`),
  ];
}

function only(one, { account, open }) {
  return el("p", { class: "row theme-only" },
    el("span", {}, "Only ", el("bdi", {}, accountName(account)), `, ${several(one.theme.mentions_n, "mention")}`),
    el("button", { type: "button", class: "link", onclick: () => open(one.theme.id, null) }, "Show all accounts"));
}

// Of the strongest quotes, as the theme is counted just now.
function reel(one, { splitting, account }) {
  if (splitting || account !== null || !one.words.some((mine) => mine.quotes.some(audible))) return null;
  return el("p", { class: "acts" }, reelButton({ theme_id: one.theme.id, filters: Object.fromEntries(filters()) }));
}

function words(one, context) {
  return el("section", { class: "said-by", "aria-label": "What they said" },
    one.words.filter((mine) => mine.quotes.length > 0 || !context.splitting).map((mine) => ofAccount(mine, one, context)));
}

function ofAccount(mine, { theme }, context) {
  const whose = mine.account_id === null ? "Calls without an account" : accountName(mine.account_id);
  const left = mine.mentions_n - mine.quotes.length;
  const shown = context.splitting || context.account !== null ? mine.quotes.length : QUOTES_SHOWN;
  return el("section", {},
    el("h3", {}, mine.account_id === null ? whose : el("a", { href: `/accounts/${encodeURIComponent(mine.account_id)}` }, el("bdi", {}, whose)),
      el("span", { class: "quiet" }, [mine.arr_usd !== null && money(mine.arr_usd), several(mine.mentions_n, "mention"), heardFrom(mine)].filter(Boolean).join(" · "))),
    quoteList(mine.quotes, shown, { id: `more-${mine.account_id ?? "none"}`, under: (quote) => under(theme, quote, context) }),
    left > 0 && mine.account_id !== null && context.account === null && !context.splitting && el("p", {},
      el("button", { type: "button", class: "link", onclick: () => context.open(theme.id, mine.account_id) }, `Read all ${several(mine.mentions_n, "mention")}`)));
}

function under(theme, quote, context) {
  if (theme.status === "candidate") return null;
  if (!context.splitting) return judging(theme, quote, context);
  return el("label", { class: "judge" }, el("input", { type: "checkbox", name: "place", value: `${quote.utterance} ${quote.call_id}` }), " goes into the new theme");
}

function against(one) {
  if (one.against_n === 0) return el("p", { class: "quiet" }, "Nothing that was said plainly speaks against it.");
  return el("section", { class: "against" }, el("h3", {}, "What speaks against it"), quoteList(one.against, QUOTES_SHOWN, { id: "more-against" }),
    one.against_n > one.against.length && el("p", { class: "quiet" }, `${several(one.against_n - one.against.length, "more quote")} not shown.`));
}

// Words that are about something else go into a theme of their own.
function splitForm({ theme }, { change, split }) {
  const name = el("input", { name: "label", maxlength: 200, required: true, autocomplete: "off" });
  const told = el("p", { class: "quiet", role: "status" }, "Tick the words below that belong there.");
  return el("form", { class: "theme-splits", onsubmit: async (event) => {
    event.preventDefault();
    const places = [...panel.querySelectorAll('input[name="place"]:checked')].map(({ value }) => {
      const gap = value.indexOf(" ");
      return { utterance: Number(value.slice(0, gap)), call_id: value.slice(gap + 1) };
    });
    if (places.length === 0) {
      told.textContent = "Tick at least one of the words below first.";
      return;
    }
    await change.post(`/api/codes/${encodeURIComponent(theme.id)}/split`, { label: name.value.trim(), places },
      (code) => `“${code.label}” is a theme of its own now.`, { problem: told, then: () => split(false) });
  } },
  el("label", {}, "Name of the new theme ", name), told,
  el("p", { class: "row" }, el("button", { type: "submit", class: "main" }, "Split"), el("button", { type: "button", class: "plain", onclick: () => split(false) }, "Cancel")));
}
