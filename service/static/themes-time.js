// When themes were spoken of: a line from the first time to the last, a dot for each day that had words.

import { el } from "./element.js";
import { day, several } from "./format.js";
import { svg } from "./svg.js";

const HEIGHT = 44;
const MIDDLE = 28;
const EDGE = 3; // percent kept free at both ends
const NEAR = 26; // percent: nearer dates share one label
const DAY_MONTH = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", timeZone: "UTC" });
const MONTH_YEAR = new Intl.DateTimeFormat("en-GB", { month: "short", year: "numeric", timeZone: "UTC" });

const short = (iso, step) => (step === "month" ? MONTH_YEAR : DAY_MONTH).format(new Date(`${iso}T00:00:00Z`));
const when = (iso, step) => (step === "month" ? short(iso, step) : `${step === "week" ? "week of " : ""}${day(iso)}`);
const mostOf = (themes) => Math.max(1, ...themes.flatMap((theme) => theme.heard.map((one) => one.mentions_n)));

// All themes under one axis. `open(theme_id)` shows one.
export function timeline(line, open) {
  if (line.first === null) return [el("p", { class: "first" }, "None of these calls has a date, so there is no time to show. Dates are set in the list of calls.")];
  if (line.themes.length === 0) return [el("p", { class: "first" }, "No theme has been heard in these accounts.")];
  const most = mostOf(line.themes);
  return [
    el("ol", { class: "theme-times" },
      el("li", { class: "axis" }, el("span", { class: "quiet" }, "Calls"), calls(line)),
      line.themes.map((theme) => el("li", {},
        el("span", {},
          el("button", { type: "button", class: "opens", onclick: () => open(theme.theme_id) }, theme.label),
          el("span", { class: "quiet" }, `${several(theme.mentions_n, "mention")}${theme.undated_n > 0 ? `, ${theme.undated_n} without a date` : ""}`)),
        timeOf(theme, line, most)))),
    table(line),
  ];
}

// One theme on the axis `span` (its first and last day and its step); the largest dot is `most` mentions.
export function timeOf(theme, span, most = mostOf([theme])) {
  const { label, heard, first_heard: first, last_heard: last } = theme;
  const at = placer(span);
  if (heard.length === 0) return el("p", { class: "quiet" }, "No date is known.");
  const ends = [at(heard[0].date), at(heard.at(-1).date)];
  const told = first === last ? `on ${day(first)}` : `first ${day(first)}, last ${day(last)}`;
  return svg("svg", { class: "theme-time", width: "100%", height: HEIGHT, role: "img", "aria-label": `${label}: ${told}` },
    svg("line", { class: "ground", x1: "0%", x2: "100%", y1: MIDDLE, y2: MIDDLE }),
    svg("line", { class: "between", x1: `${ends[0]}%`, x2: `${ends[1]}%`, y1: MIDDLE, y2: MIDDLE }),
    heard.map((one) => svg("circle", { cx: `${at(one.date)}%`, cy: MIDDLE, r: 2.5 + 5 * Math.sqrt(one.mentions_n / most) },
      svg("title", {}, `${when(one.date, span.step)}: ${several(one.mentions_n, "mention")}, ${several(one.accounts_n, "account")}`))),
    labels(first, last, ends, span.step));
}

function labels(first, last, [left, right], step) {
  const text = (words, x) => svg("text", {
    x: `${x}%`, y: 11, "text-anchor": x < 12 ? "start" : x > 88 ? "end" : "middle",
  }, words);
  if (first === last) return text(short(first, step), left);
  if (right - left < NEAR) return text(`${short(first, step)} – ${short(last, step)}`, (left + right) / 2);
  return [text(short(first, step), left), text(short(last, step), right)];
}

function calls(line) {
  const at = placer(line);
  const most = Math.max(...line.calls.map((one) => one.calls_n));
  const all = line.calls.reduce((sum, one) => sum + one.calls_n, 0);
  const height = (n) => 4 + (14 * n) / most;
  return svg("svg", { class: "theme-time", width: "100%", height: HEIGHT, role: "img", "aria-label": `${several(all, "call")} from ${day(line.first)} to ${day(line.last)}` },
    line.calls.map((one) => svg("rect", { class: "call", x: `${at(one.date)}%`, y: 36 - height(one.calls_n), width: 3, height: height(one.calls_n), rx: 1.5, transform: "translate(-1.5 0)" },
      svg("title", {}, `${when(one.date, line.step)}: ${several(one.calls_n, "call")}`))),
    labels(line.first, line.last, [at(line.calls[0].date), at(line.calls.at(-1).date)], line.step));
}

// From a date to percent of the width.
function placer({ first, last }) {
  const time = (iso) => Date.parse(`${iso}T00:00:00Z`);
  const [from, length] = [time(first), time(last) - time(first)];
  return (iso) => (length === 0 ? 50 : EDGE + ((100 - 2 * EDGE) * Math.max(0, time(iso) - from)) / length);
}

function table(line) {
  return el("details", { class: "as-table" }, el("summary", {}, "The same as a table"),
    el("div", { class: "heat-box" }, el("table", { class: "calls" },
      el("thead", {}, el("tr", {}, ["Theme", "First heard", "Last heard", "Mentions", "Most mentions"].map((words) => el("th", { scope: "col" }, words)))),
      el("tbody", {}, line.themes.map((theme) => el("tr", {},
        el("th", { scope: "row" }, theme.label), el("td", {}, day(theme.first_heard)), el("td", {}, day(theme.last_heard)),
        el("td", { class: "number" }, String(theme.mentions_n)),
        el("td", {}, [...theme.heard].sort((a, b) => b.mentions_n - a.mentions_n).slice(0, 3)
          .map((one) => `${when(one.date, line.step)} (${one.mentions_n})`).join(", "))))))));
}
