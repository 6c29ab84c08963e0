// Themes by accounts: a table whose cells are small pictures. Arrows move from cell to cell, Enter reads.

import { el } from "./element.js";
import { money, several } from "./format.js";
import { svg } from "./svg.js";

const HOW = ["", "mildly", "plainly", "strongly"]; // by intensity
const SIZE = 36;

// `open(theme_id, account_id)` shows the words of a cell, or of a row without an account.
export function heatmap(map, open) {
  if (map.accounts.length === 0) {
    return [el("p", { class: "first" }, "There are no accounts yet, so nothing can be shown by account. ", el("a", { "data-needs": "admin", href: "/accounts" }, "Load your accounts"))];
  }
  if (map.themes.length === 0) return [el("p", { class: "first" }, "No theme has been heard in these accounts.")];
  const table = el("table", { role: "grid", class: "heat", "aria-label": "How often each account spoke of each theme; arrow keys move, Enter reads the words" },
    el("thead", {}, el("tr", {}, el("td", { class: "corner" }, el("span", { class: "unseen" }, "Theme")), map.accounts.map(column))),
    el("tbody", {}, map.themes.map((theme) => row(theme, map.accounts, open))));
  walk(table);
  return [legend(map), el("div", { class: "heat-box" }, table), leftOut(map)];
}

function column(account) {
  const silent = !account.heard;
  return el("th", { scope: "col", class: silent ? "silent" : null, title: `${account.name}, ${money(account.arr_usd)} a year${silent ? ", not heard yet" : ""}` },
    el("span", { class: "down" }, el("bdi", {}, account.name)), silent && el("span", { class: "unseen" }, ", silent"));
}

function row(theme, accounts, open) {
  const cells = new Map(theme.cells.map((cell) => [cell.account_id, cell]));
  return el("tr", {},
    el("th", { scope: "row" },
      el("button", { type: "button", class: "opens at", tabindex: -1, onclick: () => open(theme.theme_id, null) }, theme.label),
      " ", el("span", { class: "quiet" }, `${money(theme.arr_usd)}${theme.status === "confirmed" ? "" : " · not confirmed"}`)),
    accounts.map((account) => cell(theme, account, cells.get(account.account_id), open)));
}

function cell(theme, account, said, open) {
  const what = said
    ? `${several(said.mentions_n, "mention")}, put ${HOW[said.intensity]}`
    : account.heard ? "heard, but not about this" : "not heard yet";
  const name = `${theme.label}, ${account.name}: ${what}`;
  const made = el("td", {
    role: "gridcell", tabindex: -1, class: `at ${said ? "said" : account.heard ? "" : "silent"}`,
    "aria-label": name, title: name,
  }, said && mark(said));
  if (!said) return made;
  made.dataset.cell = `${theme.theme_id} ${account.account_id}`;
  made.addEventListener("click", () => open(theme.theme_id, account.account_id));
  made.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" && event.key !== " ") return;
    event.preventDefault();
    open(theme.theme_id, account.account_id);
  });
  return made;
}

// The number says how often, colour and dots say how strongly.
function mark({ mentions_n: n, intensity }) {
  const dots = Array.from({ length: intensity }, (_, i) =>
    svg("circle", { cx: SIZE / 2 + (i - (intensity - 1) / 2) * 6, cy: 28, r: 1.7 }));
  return svg("svg", { class: `heat-${intensity}`, width: SIZE, height: SIZE, viewBox: `0 0 ${SIZE} ${SIZE}`, "aria-hidden": "true" },
    svg("rect", { x: 1, y: 1, width: SIZE - 2, height: SIZE - 2, rx: 7 }),
    svg("text", { x: SIZE / 2, y: 20, "text-anchor": "middle" }, String(n)), dots);
}

function legend(map) {
  const silent = map.accounts.filter((one) => !one.heard).length;
  return el("p", { class: "heat-legend quiet" },
    [1, 2, 3].map((n) => el("span", {}, mark({ mentions_n: "n", intensity: n }), ` said ${HOW[n]}`)),
    el("span", {}, el("i", { class: "blank" }), " heard, not about this"),
    silent > 0 && el("span", {}, el("i", { class: "silent" }), ` not heard yet (${silent})`),
    el("span", {}, "Numbers are mentions. Largest accounts first."));
}

const leftOut = (map) => map.accounts_left_out > 0 && el("p", { class: "quiet" },
  `The ${map.accounts.length} largest accounts are shown; ${several(map.accounts_left_out, "smaller one")} ${map.accounts_left_out === 1 ? "is" : "are"} left out. Filters above choose others.`);

const STEPS = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };

// One cell can be tabbed to; from there arrows, Home and End move (Ctrl: to the corners).
function walk(table) {
  const rows = [...table.querySelectorAll("tbody tr")].map((one) => [...one.querySelectorAll(".at")]);
  const first = rows[0].find((one) => one.classList.contains("said")) ?? rows[0][0];
  first.tabIndex = 0;
  table.addEventListener("focusin", (event) => {
    const now = event.target.closest(".at");
    if (!now) return;
    table.querySelector('.at[tabindex="0"]')?.setAttribute("tabindex", -1);
    now.tabIndex = 0;
  });
  table.addEventListener("keydown", (event) => {
    const from = event.target.closest(".at");
    const y = rows.findIndex((cells) => cells.includes(from));
    if (y < 0) return;
    const x = rows[y].indexOf(from);
    const last = rows[y].length - 1;
    let to = null;
    if (STEPS[event.key]) to = rows[y + STEPS[event.key][0]]?.[x + STEPS[event.key][1]];
    else if (event.key === "Home") to = rows[event.ctrlKey ? 0 : y][0];
    else if (event.key === "End") to = rows[event.ctrlKey ? rows.length - 1 : y][last];
    else return;
    event.preventDefault();
    to?.focus();
  });
}
