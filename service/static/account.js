// The page of an account, drawn from what the server computed.

import { drawTimeline } from "./account-timeline.js";
import { callPage } from "./api.js";
import { byId, el } from "./element.js";
import { clock, day, DOUBTFUL, money, percent, ROLES, several } from "./format.js";
import { quoteBlock, quoteList } from "./quote.js";

const SHOWN = 2; // quotes of a theme before the others are asked for

export function draw(page) {
  byId("loading").hidden = true;
  byId("account-tags").replaceChildren(...tags(page));
  byId("account-facts").replaceChildren(...facts(page).flatMap(([name, value]) => el("div", {}, el("dt", {}, name), el("dd", {}, value))));
  byId("missing").replaceChildren(...page.missing.map((sentence) => el("li", {}, sentence)));
  byId("missing").hidden = page.missing.length === 0;
  risk(page);
  drawTimeline(page);
  section("needs", needs(page, (theme) => theme.kind !== "praise"));
  section("likes", needs(page, (theme) => theme.kind === "praise"));
  section("also", page.also.map((quote) => el("li", {}, quoteBlock(quote))));
  byId("also-title").textContent = page.themes.length > 0 ? "Also said" : "What they said most strongly";
  section("their-calls", page.calls.map(callRow));
  section("people", page.people.map(personRow));
  const nothing = page.calls.length === 0;
  byId("no-calls").hidden = !nothing;
}

function section(id, content) {
  byId(id).replaceChildren(...content);
  byId(id).closest("section").hidden = content.length === 0;
}

function tags(page) {
  return [
    page.top && el("span", { class: "tag top" }, `Top 20 · number ${page.rank}`), " ",
    page.health && el("span", { class: "tag", dir: "auto" }, `health ${page.health}`),
  ].filter(Boolean);
}

function facts(page) {
  const text = (value) => el("bdi", {}, value);
  const minutes = page.customer_minutes + page.estimated_minutes;
  return [
    ["Revenue a year", money(page.arr_usd)],
    ["Renewal", page.renewal_date ? day(page.renewal_date) : null],
    ["Tier", page.tier && text(page.tier)],
    ["Segment", page.segment && text(page.segment)],
    ["Region", page.region && text(page.region)],
    ["Owner", page.owner && text(page.owner)],
    ["Also known as", page.aliases.length > 0 ? text(page.aliases.join(", ")) : null],
    ["Website", page.domains.length > 0 ? text(page.domains.join(", ")) : null],
    ["They spoke", page.heard ? `${minutes < 1 ? "under a minute" : several(Math.round(minutes), "minute")} in ${several(page.calls_n, "call")}` : "not yet"],
    ["Last heard", page.last_heard ? day(page.last_heard) : null],
  ].filter(([, value]) => value !== null);
}

function risk(page) {
  const { at_risk: risks, health_check: check } = page;
  byId("risk").hidden = risks === null && check === null;
  byId("risk-title").textContent = risks?.threat ? "They speak of leaving" : risks ? "They renew soon, and complain hard" : "Not as the CRM has it";
  byId("risk-check").textContent = check === null ? "" : check.reading === "threatened"
    ? `The CRM has them as ${check.health}; their own words do not sound like it.`
    : `The CRM has them as ${check.health}; they speak well of it and not of leaving.`;
  const quotes = (risks ?? check)?.statements.flatMap((statement) => statement.quotes) ?? [];
  byId("risk-quotes").replaceChildren(...quotes.map((quote) => quoteBlock(quote)));
}

function needs(page, wanted) {
  return page.themes.filter(wanted).map((theme) => el("li", {},
    el("h3", { dir: "auto" }, theme.label),
    el("p", { class: "whose" },
      el("span", { class: "tag" }, theme.kind),
      theme.status === "confirmed"
        ? el("span", { class: "reach" }, `Number ${theme.rank} of all themes · ${several(theme.accounts_n, "account")}, ${money(theme.arr_usd)} a year`)
        : el("span", { class: "tag doubt" }, "not confirmed"),
      el("span", { class: "quiet" }, `${several(theme.mentions_n, "mention")} of theirs${theme.last_heard ? `, last on ${day(theme.last_heard)}` : ""}`)),
    quoteList(theme.quotes, SHOWN)));
}

function callRow(call) {
  const minutes = call.customer_minutes + call.estimated_minutes;
  return el("tr", {},
    el("td", { class: "date" }, call.date ? el("time", { datetime: call.date }, day(call.date)) : "no date"),
    el("td", { class: "title" }, el("a", { href: callPage(call.call_id), dir: "auto" }, call.title), call.has_audio && el("span", { class: "tag sound" }, "sound")),
    el("td", { class: "number" }, clock(call.duration_s) || "–"),
    el("td", { class: "number" }, call.state !== "ready" ? "" : minutes > 0 ? `${Math.max(1, Math.round(minutes))} min` : "–"),
    el("td", { class: "number" }, call.state === "ready" ? call.evidence_n.toLocaleString("en-US") : el("span", { class: "quiet" }, call.state === "failed" ? "failed" : "being heard")));
}

function personRow(person) {
  return el("li", { class: person.role },
    el("strong", { dir: "auto" }, person.name), person.title && el("span", { class: "quiet", dir: "auto" }, person.title),
    el("span", { class: "quiet" }, [person.role === "internal" && ROLES.internal, several(person.calls.length, "call"),
      person.minutes >= 1 && several(Math.round(person.minutes), "minute")].filter(Boolean).join(" · ")),
    person.role_doubt >= DOUBTFUL && el("a", { class: "tag doubt", href: callPage(person.calls[0]) }, `role uncertain, ${percent(person.role_doubt)}`));
}
