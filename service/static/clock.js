// The clock of the 30 days as a ring, and the hours with customers week by week.

import { el, fill } from "./element.js";
import { day, several } from "./format.js";
import { svg } from "./svg.js";

const RADIUS = 52;
const BAR = { width: 34, gap: 14, height: 60, foot: 20 };
const FROM = {
  set: "",
  given: "",
  remembered: ", as your memo was told",
  "first call": ", the day of the first call",
};

export function showClock(place, home) {
  const { coverage } = home;
  if (coverage.day === null) {
    fill(place, el("p", {}, "No call has a date yet, so no day counts. ", setStart("Set the first day")));
    return;
  }
  fill(
    place,
    ring(coverage.day, home.days),
    el("div", { class: "clock-facts" },
      el("p", {}, el("strong", {}, standing(coverage.day, home))),
      el("p", { class: "quiet" }, `First day ${day(coverage.start)}${FROM[coverage.start_from]}. `, setStart(coverage.start_from === "set" ? "Change" : "Set it")),
      el("ul", { class: "milestones" }, coverage.milestones.map((mark) => milestone(mark, coverage)))),
  );
}

const setStart = (words) => el("a", { "data-needs": "admin", href: "/settings#start" }, words);

function standing(today, { days, ends }) {
  if (today < 0) return `Begins in ${several(-today, "day")}`;
  if (today > days) return `Ended on ${day(ends)}; today is day ${today}`;
  return today === days ? "The last day is today" : `${several(days - today, "day")} left, until ${day(ends)}`;
}

function milestone(mark, coverage) {
  const heard = `${mark.accounts_heard} of ${coverage.accounts_in_scope} heard`;
  return el("li", {}, el("span", {}, `By day ${mark.day}`), ` ${heard}${mark.reached ? "" : " so far"}`);
}

function ring(today, days) {
  const share = Math.min(1, Math.max(0, today / days));
  const named = today < 0 ? `The ${days} days have not begun` : today > days ? `All ${days} days are over` : `Day ${today} of ${days}`;
  return svg("svg", { class: "ring", viewBox: "0 0 128 128", role: "img", "aria-label": named },
    svg("circle", { class: "track", cx: 64, cy: 64, r: RADIUS }),
    share >= 1 && svg("circle", { class: "gone", cx: 64, cy: 64, r: RADIUS }),
    share > 0 && share < 1 && svg("path", { class: "gone", d: arc(share) }),
    svg("path", { class: "notch", d: notch(14 / days) }),
    svg("text", { class: "big", x: 64, y: 70, "text-anchor": "middle" }, today < 0 ? "–" : String(Math.min(today, days))),
    svg("text", { class: "small", x: 64, y: 88, "text-anchor": "middle" }, `of ${days} days`));
}

function at(share, radius) {
  const angle = 2 * Math.PI * share - Math.PI / 2;
  return `${(64 + radius * Math.cos(angle)).toFixed(2)} ${(64 + radius * Math.sin(angle)).toFixed(2)}`;
}

const arc = (share) =>
  `M${at(0, RADIUS)}A${RADIUS} ${RADIUS} 0 ${share > 0.5 ? 1 : 0} 1 ${at(share, RADIUS)}`;

const notch = (share) => `M${at(share, RADIUS - 6)}L${at(share, RADIUS + 6)}`;

// --- hours ---------------------------------------------------------------------------------------

export function showHours(place, home) {
  const { this_week: now, weeks, coverage } = home;
  if (weeks.length === 0) {
    fill(place, el("p", {}, "No week has begun yet."));
    return;
  }
  const goal = hours(coverage.goal_hours);
  fill(
    place,
    el("p", { class: "figure" }, el("strong", {}, now ? about(now) : "0 min"), ` this week of ${goal}`),
    el("p", { class: now?.goal_met ? "good" : "quiet" },
      now?.goal_met ? "This week's goal is met." : `The goal is more than ${goal} a week. `, !now?.goal_met && el("a", { "data-needs": "admin", href: "/settings#goal" }, "Change")),
    bars(weeks, coverage.goal_hours),
    el("details", {}, el("summary", {}, "The same as a table"), table(weeks)),
  );
}

// 0.6 is "36 min", 1.25 is "1 h 15 min".
export function hours(value) {
  const minutes = Math.round(value * 60);
  const whole = Math.floor(minutes / 60);
  if (whole === 0) return `${minutes} min`;
  return minutes % 60 === 0 ? `${whole} h` : `${whole} h ${minutes % 60} min`;
}

// An estimate does not pass for a measurement.
const about = (week) => `${week.estimated ? "≈ " : ""}${hours(week.hours)}`;

function bars(weeks, goal) {
  const most = Math.max(goal * 1.3, ...weeks.map((week) => week.hours));
  const tall = (value) => (value / most) * BAR.height;
  const width = 5 * (BAR.width + BAR.gap);
  const line = BAR.height - tall(goal) + 4;
  const told = weeks.map((week) => `week ${week.week} ${about(week)}`).join(", ");
  return svg("svg", { class: "weeks", viewBox: `0 0 ${width} ${BAR.height + BAR.foot + 4}`, role: "img",
    "aria-label": `Hours with customers: ${told}; the goal is ${hours(goal)}` },
  weeks.map((week, n) => {
    const x = n * (BAR.width + BAR.gap) + BAR.gap / 2;
    const height = Math.max(1.5, tall(week.hours));
    return [
      svg("rect", { class: week.goal_met ? "met" : "below", x, y: BAR.height + 4 - height, width: BAR.width, height, rx: 3 }),
      svg("text", { x: x + BAR.width / 2, y: BAR.height + BAR.foot, "text-anchor": "middle" }, `wk ${week.week}`),
    ];
  }),
  svg("path", { class: "goal", d: `M0 ${line.toFixed(1)}H${width}` }),
  svg("text", { x: width, y: line - 4, "text-anchor": "end" }, `goal ${hours(goal)}`));
}

const MET = new Map([[true, "met"], [false, "missed"], [null, "still runs"]]);

function table(weeks) {
  const head = ["Week", "From", "Calls", "Customers spoke", "Goal"];
  return el("table", { class: "calls" },
    el("thead", {}, el("tr", {}, head.map((name) => el("th", { scope: "col" }, name)))),
    el("tbody", {}, weeks.map((week) => el("tr", {}, el("td", {}, String(week.week)), el("td", { class: "date" }, day(week.first)),
      el("td", {}, String(week.calls)), el("td", {}, about(week)), el("td", {}, MET.get(week.goal_met))))));
}
