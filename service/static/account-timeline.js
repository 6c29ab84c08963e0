// An account's own words over time: a dot for each call and kind of evidence, as large as there is
// much of it; one that is pressed shows the words. The same stands in a table.

import { callPage } from "./api.js";
import { byId, el } from "./element.js";
import { day, several } from "./format.js";
import { calls } from "./known.js";
import { quoteBlock } from "./quote.js";
import { svg } from "./svg.js";

const KINDS = ["pain", "request", "praise", "risk", "competitor"];
const ROW = 44;
const LEFT = 92;
const RIGHT = 26;
const NO_DATE = 84; // the room for calls without a date

let shown = null; // {call_id, kind} of the dot that is pressed
let page = null;

new ResizeObserver(() => { if (page) picture(); }).observe(byId("timeline"));

export function drawTimeline(given) {
  page = given;
  byId("time").hidden = page.timeline.length === 0;
  if (page.timeline.length === 0) return;
  picture();
  byId("timeline-table").replaceChildren(...table());
  show(page.timeline.find(isShown) ?? null);
}

const isShown = (point) => shown?.call_id === point.call_id && shown?.kind === point.kind;

function picture() {
  const width = Math.round(byId("timeline").clientWidth);
  if (width === 0) return;
  const kinds = KINDS.filter((kind) => page.timeline.some((point) => point.kind === kind));
  const height = kinds.length * ROW + 34;
  const at = scale(width);
  const held = document.activeElement?.closest?.("#timeline .dot")?.id;
  byId("timeline").replaceChildren(svg("svg", { viewBox: `0 0 ${width} ${height}`, height, width, role: "group", "aria-label": "Their own words by date and kind" },
    kinds.map((kind, n) => [
      svg("text", { class: "kind", x: 0, y: n * ROW + ROW / 2, "dominant-baseline": "middle" }, kind),
      svg("line", { class: "rule", x1: LEFT, x2: width, y1: n * ROW + ROW / 2, y2: n * ROW + ROW / 2 }),
    ]),
    ticks(at, width, kinds.length * ROW),
    page.timeline.map((point) => dot(point, at(point.date), kinds.indexOf(point.kind) * ROW + ROW / 2))));
  if (held) document.getElementById(held)?.focus();
}

// Where on the picture a date is; calls without one stand at its right end.
function scale(width) {
  const days = page.timeline.filter((point) => point.date).map((point) => Date.parse(point.date));
  const undated = days.length < page.timeline.length;
  const [first, last] = [Math.min(...days), Math.max(...days)];
  const left = LEFT + RIGHT;
  const right = width - RIGHT - (undated && days.length > 0 ? NO_DATE : 0);
  return (date) => {
    if (date === null) return days.length > 0 ? width - RIGHT : (left + right) / 2;
    if (last === first) return (left + right) / 2;
    return left + ((Date.parse(date) - first) / (last - first)) * (right - left);
  };
}

// Dates under the picture, as many as there is room for.
function ticks(at, width, y) {
  const dates = [...new Set(page.timeline.map((point) => point.date))].sort((a, b) => (a === null) - (b === null) || (a < b ? -1 : 1));
  const kept = [];
  for (const date of [dates.at(-1), dates[0], ...dates.slice(1, -1)]) {
    if (date !== undefined && kept.every((other) => other === date || Math.abs(at(other) - at(date)) > 90) && !kept.includes(date)) kept.push(date);
  }
  return kept.map((date) => {
    const x = at(date);
    const anchor = x > width - 50 ? "end" : x < LEFT + 50 ? "start" : "middle";
    return svg("text", { class: "tick", x: anchor === "end" ? width : x, y: y + 22, "text-anchor": anchor }, date === null ? "no date" : day(date));
  });
}

function dot(point, x, y) {
  const words = `${several(point.n, point.kind === "praise" ? "word of praise" : point.kind, point.kind === "praise" ? "words of praise" : undefined)}, ${day(point.date)}, ${title(point)}`;
  const press = () => show(isShown(point) ? null : point);
  return svg("g", {
    class: `dot ${point.kind}${isShown(point) ? " on" : ""}`, id: `dot-${point.call_id}-${point.kind}`, role: "button", tabindex: 0, "aria-label": words,
    onclick: press,
    onkeydown: (event) => {
      if (event.key !== "Enter" && event.key !== " ") return;
      event.preventDefault();
      press();
    },
  }, svg("title", {}, words),
  svg("circle", { class: "reach", cx: x, cy: y, r: 20 }),
  svg("circle", { cx: x, cy: y, r: Math.min(18, 6 + 2.4 * Math.sqrt(point.n)) }),
  point.n > 1 && svg("text", { class: "n", x, y: y + 0.5, "text-anchor": "middle", "dominant-baseline": "central", "aria-hidden": "true" }, String(point.n)));
}

function show(point) {
  shown = point && { call_id: point.call_id, kind: point.kind };
  for (const one of byId("timeline").querySelectorAll(".dot")) {
    const on = point !== null && one.id === `dot-${point.call_id}-${point.kind}`;
    one.setAttribute("class", one.getAttribute("class").replace(/ on$/, "") + (on ? " on" : ""));
  }
  byId("point").replaceChildren(...(point === null ? [] : words(point)));
}

function words(point) {
  const more = point.n - point.quotes.length;
  return [
    el("h3", {}, el("span", { class: "tag" }, point.kind), " ", el("a", { href: callPage(point.call_id) }, el("bdi", {}, title(point))), point.date ? `, ${day(point.date)}` : ""),
    ...point.quotes.map((quote) => quoteBlock(quote)),
    more > 0 && el("p", { class: "quiet" }, el("a", { href: callPage(point.call_id) }, `${more.toLocaleString("en-US")} more in the call`)),
  ].filter(Boolean);
}

function table() {
  const kinds = KINDS.filter((kind) => page.timeline.some((point) => point.kind === kind));
  const ids = [...new Set(page.timeline.map((point) => point.call_id))];
  return [
    el("thead", {}, el("tr", {}, el("th", { scope: "col" }, "Date"), el("th", { scope: "col" }, "Call"), kinds.map((kind) => el("th", { scope: "col", class: "number" }, kind)))),
    el("tbody", {}, ids.map((id) => {
      const mine = page.timeline.filter((point) => point.call_id === id);
      return el("tr", {}, el("td", { class: "date" }, mine[0].date ? day(mine[0].date) : "no date"), el("td", {}, el("bdi", {}, title(mine[0]))),
        kinds.map((kind) => el("td", { class: "number" }, mine.find((point) => point.kind === kind)?.n.toLocaleString("en-US") ?? "–")));
    })),
  ];
}

const title = (point) => calls.get(point.call_id)?.title ?? point.call_id;
