// Home: each person's hours with customers in a week, against their goal.

import { api } from "./api.js";
import { accountPage } from "./board.js";
import { hours } from "./clock.js";
import { byId, el, fill, tell } from "./element.js";
import { day } from "./format.js";

const WEEK_MS = 7 * 24 * 3600 * 1000;
const HEAD = ["Person", "Hours", "Booked", "Goal", "With"];

const NONE = () => el("td", { class: "quiet none" }, "–");

let shown = null; // the first day of the week on show; none is this one
let turn = 0;

export function startPeople() {
  byId("week-before").addEventListener("click", () => step(-1));
  byId("week-after").addEventListener("click", () => step(1));
}

export async function loadPeople() {
  const mine = ++turn;
  const found = await api(`/api/goals${shown ? `?week=${shown}` : ""}`);
  if (mine === turn) show(found);
}

async function step(weeks) {
  const first = byId("people-week").dataset.first;
  const before = shown;
  shown = new Date(Date.parse(first) + weeks * WEEK_MS).toISOString().slice(0, 10);
  try {
    await loadPeople();
  } catch (problem) {
    shown = before;
    tell(byId("people-week"), problem.message);
  }
}

function show({ weeks: [week], names }) {
  const place = byId("people-week");
  place.dataset.first = week.first;
  tell(place, `${day(week.first)} to ${day(week.last)}${summed(week)}`);
  byId("people-room").hidden = false;
  if (week.people.length === 0) {
    fill(byId("people-hours"), el("p", {}, "Nobody of yours was in a call in this week, and no calendar is loaded."));
    return;
  }
  fill(
    byId("people-hours"),
    el("table", { class: "plain-table hours-table" },
      el("thead", {}, el("tr", {}, HEAD.map((name) => el("th", { scope: "col" }, name)))),
      el("tbody", {}, week.people.map((one) => line(one, names)))),
    week.team.unplaced_hours > 0 && el("p", { class: "quiet" }, `${hours(week.team.unplaced_hours)} of them with firms that are no account: ${week.team.domains.join(", ")}. `,
      el("a", { "data-needs": "admin", href: "/settings#not-customers" }, "Leave suppliers out")),
  );
}

function summed({ people, people_met: met, team }) {
  if (people.length < 2) return ", in conversation with customers";
  return ` in conversation with customers: ${hours(team.hours)} together, each conversation once; ${met} of ${people.length} met their goal`;
}

function line(one, names) {
  const parts = one.calendar_hours > 0 && el("span", { class: "quiet" }, one.heard_hours > 0 ? `${hours(one.calendar_hours)} by the calendar alone` : "by the calendar");
  return el("tr", {},
    el("th", { scope: "row" }, el("bdi", {}, one.person)),
    el("td", {}, el("strong", {}, `${one.estimated ? "≈ " : ""}${hours(one.hours)}`), parts && [" ", parts]),
    one.booked_hours > 0 ? el("td", {}, `${hours(one.booked_hours)} booked`) : NONE(),
    el("td", { class: one.goal_met ? "good" : null }, goal(one)),
    one.accounts.length + one.accounts_booked.length > 0 ? el("td", {}, withWhom(one, names)) : NONE());
}

function goal(one) {
  if (one.goal_met) return `${hours(one.goal_hours)}, met`;
  return [`${hours(one.goal_hours)}, `, el("span", { class: "quiet" }, `${hours(one.gap_hours)} missing`)];
}

function withWhom(one, names) {
  const link = (id, more = "") => [el("a", { href: accountPage(id) }, el("bdi", {}, names[id] ?? id)), more];
  const every = [...one.accounts.map((id) => link(id)), ...one.accounts_booked.map((id) => link(id, " (booked)"))];
  return every.flatMap((part, n) => (n === 0 ? part : [", ", ...part]));
}
