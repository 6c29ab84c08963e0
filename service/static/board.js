// The board: the largest accounts, each heard, booked or silent; and their revenue as one bar.

import { el, fill } from "./element.js";
import { day, money } from "./format.js";
import { svg } from "./svg.js";

export const accountPage = (id) => `/accounts/${encodeURIComponent(id)}`;

export function showBoard(place, home) {
  fill(place, ...home.coverage.board.map(tile));
}

const state = (row) => (row.heard ? "heard" : row.booked ? "booked" : "silent");

function tile(row) {
  return el("li", {},
    el("a", { class: `tile ${state(row)}`, href: accountPage(row.account_id) },
      el("strong", {}, row.name),
      el("span", { class: "arr" }, money(row.arr_usd)),
      el("span", { class: "state" }, said(row))));
}

function said(row) {
  if (row.heard) {
    const last = row.last_heard ? `heard ${day(row.last_heard)}` : "heard";
    return row.booked ? `${last}, again ${day(row.booked)}` : last;
  }
  if (row.booked) return `booked ${day(row.booked)}`;
  return row.overdue ? `silent, was booked ${day(row.overdue)}` : "silent";
}

export function showReach(place, home) {
  const { coverage } = home;
  if (coverage.accounts_in_scope === 0) {
    fill(place, el("p", {}, "There are no accounts yet, so nobody can be missed. ", el("a", { "data-needs": "admin", href: "/accounts" }, "Load them")));
    return;
  }
  const parts = [
    ["heard", coverage.accounts_heard, coverage.arr_heard_usd],
    ["booked", coverage.accounts_booked.length, coverage.arr_booked_usd],
    ["silent", home.silent_n, home.silent_usd],
  ];
  fill(
    place,
    el("p", { class: "figure" }, el("strong", {}, `${coverage.accounts_heard} of ${coverage.accounts_in_scope}`), " accounts heard"),
    coverage.arr_in_scope_usd > 0 && bar(parts, coverage.arr_in_scope_usd),
    el("ul", { class: "parts" }, parts.map(([name, n, usd]) =>
      el("li", { class: name }, el("span", { class: "which" }, `${n} ${name}`), el("span", {}, money(usd))))),
  );
}

function bar(parts, whole) {
  let x = 0;
  const told = parts.map(([name, , usd]) => `${name} ${money(usd)}`).join(", ");
  return svg("svg", { class: "by-revenue", viewBox: "0 0 100 6", preserveAspectRatio: "none", role: "img", "aria-label": `Revenue of the board: ${told}` },
    parts.map(([name, , usd]) => {
      const width = (100 * usd) / whole;
      x += width;
      return width > 0 && svg("rect", { class: name, x: x - width, y: 0, width, height: 6 });
    }));
}
