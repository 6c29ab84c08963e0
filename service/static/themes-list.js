// The ranking: one line a theme, ordered by the measure that is chosen; lines move to their new place.

import { el } from "./element.js";
import { day, money, several } from "./format.js";
import { accountName } from "./known.js";
import { svg } from "./svg.js";

const MOVE_MS = 380;
const still = matchMedia("(prefers-reduced-motion: reduce)");

// What a theme is ranked by, in words: [the figure, what it counts].
const MEASURES = {
  arr: { of: (theme) => theme.arr_usd, told: (theme) => [money(theme.arr_usd), "a year"] },
  accounts: { of: (theme) => theme.accounts_n, told: (theme) => [String(theme.accounts_n), theme.accounts_n === 1 ? "account" : "accounts"] },
  top: { of: (theme) => theme.top_accounts_n, told: (theme) => [String(theme.top_accounts_n), "of the Top 20"] },
  mentions: { of: (theme) => theme.mentions_n, told: (theme) => [String(theme.mentions_n), theme.mentions_n === 1 ? "mention" : "mentions"] },
};

// Fills `list` with `themes` by the measure `by`; `open(theme)` shows one. `under(theme)` may add to a line.
export function drawRanking(list, themes, by, open, under = () => null) {
  const before = new Map([...list.children].map((line) => [line.dataset.theme, line.getBoundingClientRect().top]));
  const most = Math.max(1, ...themes.map(MEASURES[by].of));
  const ordered = [...themes].sort((a, b) => b.pinned - a.pinned || a.ranks[by] - b.ranks[by]);
  const active = document.activeElement?.closest?.("[data-theme]")?.dataset.theme;
  list.replaceChildren(...ordered.map((theme) => line(theme, by, most, open, under)));
  if (active) [...list.children].find((one) => one.dataset.theme === active)?.querySelector("button").focus();
  if (!still.matches) for (const one of list.children) glide(one, before.get(one.dataset.theme));
}

function line(theme, by, most, open, under) {
  const [figure, unit] = MEASURES[by].told(theme);
  const made = el("li", { class: `ranked ${theme.status}` },
    el("span", { class: "n" }, el("span", { class: "unseen" }, "Rank "), String(theme.ranks[by])),
    el("h3", {}, el("button", { type: "button", class: "opens", onclick: () => open(theme) }, theme.label)),
    el("p", { class: "figure" }, moved(theme, by), el("strong", {}, figure), " ", el("span", {}, unit)),
    svg("svg", { class: "theme-bar", width: "100%", height: 6, "aria-hidden": "true" },
      svg("rect", { class: "trough", width: "100%", height: 6, rx: 3 }),
      svg("rect", { class: "fill", width: `${(100 * MEASURES[by].of(theme)) / most}%`, height: 6, rx: 3 })),
    facts(theme, by),
    teaser(theme),
    under(theme));
  made.dataset.theme = theme.id;
  return made;
}

function facts(theme, by) {
  const every = {
    arr: `${money(theme.arr_usd)} a year`, accounts: several(theme.accounts_n, "account"),
    top: `${theme.top_accounts_n} of the Top 20`, mentions: several(theme.mentions_n, "mention"),
  };
  const others = Object.entries(every).filter(([name]) => name !== by).map(([, words]) => words);
  return el("p", { class: "whose quiet" },
    el("span", { class: "tag" }, theme.kind),
    theme.pinned && el("span", { class: "tag sound" }, "pinned"),
    theme.confidence === "low" && el("span", { class: "tag doubt", title: "One or two accounts, or nobody has confirmed it." }, "few voices"),
    el("span", {}, [...others, heardFrom(theme)].filter(Boolean).join(" · ")));
}

// "5 to 28 May 2026", saying month and year once.
export function heardFrom(theme) {
  if (!theme.first_heard) return "";
  const first = day(theme.first_heard).split(" ");
  const last = day(theme.last_heard).split(" ");
  const shared = [2, 1, 0].findIndex((part) => first[part] !== last[part]);
  return shared < 0 ? last.join(" ") : `${first.slice(0, 3 - shared).join(" ")} to ${last.join(" ")}`;
}

const teaser = (theme) => said(theme.evidence[0]);

// Words to read on the way; hearing them is in the panel.
export const said = (quote) => el("div", { class: "theme-teaser" }, el("q", {}, quote.text),
  el("p", { class: "quiet" }, quote.speaker, ", ", el("bdi", {}, accountName(quote.account_id))));

// How the place differs from the one by revenue.
function moved(theme, by) {
  const places = theme.ranks.arr - theme.ranks[by];
  if (by === "arr" || places === 0) return null;
  const words = `${several(Math.abs(places), "place")} ${places > 0 ? "higher" : "lower"} than by revenue`;
  return el("span", { class: `theme-moved ${places > 0 ? "up" : "down"}`, title: words },
    el("span", { "aria-hidden": "true" }, `${places > 0 ? "▲" : "▼"}${Math.abs(places)}`),
    el("span", { class: "unseen" }, `${words}. `));
}

function glide(line, from) {
  const by = from === undefined ? 0 : from - line.getBoundingClientRect().top;
  if (by === 0) return;
  line.animate([{ transform: `translateY(${by}px)` }, { transform: "none" }],
    { duration: MOVE_MS, easing: "cubic-bezier(.2, .7, .2, 1)" });
}
