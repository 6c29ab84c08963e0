// What customers need most, and who may leave: each with their own words.

import { accountPage } from "./board.js";
import { el, fill } from "./element.js";
import { day, money, several } from "./format.js";
import { accountName } from "./known.js";
import { quoteBlock } from "./quote.js";

export function showNeeds(place, { needs }, calls) {
  if (needs.length === 0) {
    fill(place, el("p", {}, calls === 0
      ? "Needs show here once calls are added and themes confirmed."
      : "No theme is confirmed yet, so no need is ranked. ", calls > 0 && el("a", { href: "/themes" }, "Look at what is on offer")));
    return;
  }
  fill(
    place,
    el("ol", { class: "needs" }, needs.map(need)),
    el("p", {}, el("a", { href: "/themes" }, "All themes")),
  );
}

function need(theme, n) {
  return el("li", {},
    el("span", { class: "n", "aria-hidden": "true" }, String(n + 1)),
    el("h3", {}, theme.label, theme.status === "candidate" && el("span", { class: "tag doubt" }, "not confirmed")),
    el("p", { class: "reach" }, `${money(theme.arr_usd)} a year · ${several(theme.accounts_n, "account")}`),
    theme.evidence.map((quote) => quoteBlock(quote)));
}

export function showRisks(place, count, { at_risk: shown, at_risk_n: all, at_risk_usd: usd }) {
  count.textContent = all > 0 ? `${all}, ${money(usd)} a year` : "";
  fill(place, ...shown.map(risk));
  if (all > shown.length) {
    place.append(el("li", { class: "quiet rest" }, `And ${several(all - shown.length, "more account")}, in the memo.`));
  }
}

function risk(one) {
  const facts = [money(one.arr_usd), one.renewal_date && `renews ${day(one.renewal_date)}`, one.health && `health ${one.health}`];
  return el("li", {},
    el("p", { class: "row" },
      el("a", { href: accountPage(one.account_id) }, el("strong", {}, accountName(one.account_id))),
      el("span", { class: "tag doubt" }, one.threat ? "speaks of leaving or of a competitor" : "complains hard and renews soon")),
    el("p", { class: "arr" }, facts.filter(Boolean).join(" · ")),
    one.statements.flatMap((said) => said.quotes.slice(0, 1)).map((quote) => quoteBlock(quote)));
}
