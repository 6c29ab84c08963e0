// Who was heard of those asked about, as a strip: a cell for each account, and the same in words.

import { el } from "./element.js";
import { money, several } from "./format.js";
import { accountLink } from "./known.js";
import { svg } from "./svg.js";

const CELLS = 60; // accounts; of more only the share is drawn
const NAMED = 6;
const WIDE = 600;
const HIGH = 10;

export function coverageStrip(c, { named = true } = {}) {
  const heard = `Heard ${c.accounts_heard} of ${several(c.accounts_in_scope, "account")}`;
  return el(
    "div",
    { class: "coverage" },
    c.accounts_in_scope > 0 && strip(c, heard),
    el("p", {}, el("strong", {}, heard), ` · ${money(c.arr_heard_usd)} of ${money(c.arr_in_scope_usd)} a year · `,
      `${several(c.calls_read, "call")} read`),
    named && c.accounts_silent.length > 0 && silent(c.accounts_silent),
  );
}

function strip(c, heard) {
  const n = c.accounts_in_scope;
  const label = `${heard}; ${n - c.accounts_heard} silent`;
  const drawn = n > CELLS ? share(c.accounts_heard / n) : cells(c.accounts_heard, n);
  return svg("svg", { class: "strip", viewBox: `0 0 ${WIDE} ${HIGH}`, preserveAspectRatio: "none", role: "img", "aria-label": label }, drawn);
}

function cells(heard, n) {
  const step = WIDE / n;
  return Array.from({ length: n }, (_, at) => svg("rect", {
    x: at * step, y: 0, width: step - 3, height: HIGH, class: at < heard ? "heard" : "silent",
  }));
}

const share = (part) => [
  svg("rect", { x: 0, y: 0, width: WIDE * part, height: HIGH, class: "heard" }),
  svg("rect", { x: WIDE * part, y: 0, width: WIDE * (1 - part), height: HIGH, class: "silent" }),
];

// Most revenue first, as they come.
function silent(ids) {
  const rest = ids.slice(NAMED);
  return el("p", { class: "silent" }, "Silent: ", list(ids.slice(0, NAMED)),
    rest.length > 0 && el("details", {}, el("summary", {}, `and ${rest.length} more`), list(rest)));
}

const list = (ids) => ids.map((id, n) => [n > 0 && ", ", accountLink(id)]);
