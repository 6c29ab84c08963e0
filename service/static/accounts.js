// The table of accounts: found by words, sorted by its columns, the Top 20 marked.

import { byId, el } from "./element.js";
import { day, money } from "./format.js";
import { accounts, onKnown } from "./known.js";
import { narrowed, restore, startNarrowing, tellFound } from "./narrowing.js";
import { sortable } from "./table.js";

const text = (field) => (row) => row[field];
const COLUMNS = [
  { name: "Account", key: text("name"), kind: "title", cell: nameCell },
  { name: "Revenue", hint: "A year", key: text("arr_usd"), kind: "number", falling: true, cell: (row) => money(row.arr_usd) },
  { name: "Tier", key: text("tier"), kind: "trait", cell: trait("tier") },
  { name: "Segment", key: text("segment"), kind: "trait", cell: trait("segment") },
  { name: "Region", key: text("region"), kind: "trait", cell: trait("region") },
  { name: "Renewal", key: text("renewal_date"), kind: "date", cell: (row) => (row.renewal_date ? el("time", { datetime: row.renewal_date }, day(row.renewal_date)) : "–") },
  { name: "Health", key: text("health"), kind: "trait", cell: trait("health") },
  { name: "Owner", key: text("owner"), kind: "trait", cell: trait("owner") },
  { name: "Calls", key: text("calls_n"), kind: "number", falling: true, cell: (row) => (row.calls_n ? row.calls_n.toLocaleString("en-US") : "–") },
  { name: "Last heard", key: text("last_heard"), kind: "date", falling: true, cell: heardCell },
];
const SORTS = {
  top: (row) => row.top,
  silent: (row) => !row.heard,
  "top-silent": (row) => row.top && !row.heard,
};

let draw;

export function startAccounts() {
  draw = sortable(byId("accounts-table"), COLUMNS, { column: 1, falling: true });
  startNarrowing(() => show(true));
  onKnown(() => {
    if (accounts.size > 0) restore();
    show(false);
  });
}

function show(anew) {
  const { words, show: sort } = narrowed();
  const wanted = SORTS[sort] ?? (() => true);
  const all = [...accounts.values()];
  const found = all.filter((row) => wanted(row) && has(row, words));
  draw(found, { anew });
  byId("accounts-n").textContent = all.length > 0 ? all.length.toLocaleString("en-US") : "";
  byId("accounts-table").hidden = found.length === 0;
  byId("accounts-none").hidden = all.length > 0;
  tellFound(found.length, all.length, "account");
}

function has(row, words) {
  const fields = [row.name, row.account_id, row.tier, row.segment, row.region, row.health, row.owner];
  const all = fields.filter(Boolean).join(" ").toLowerCase();
  return words.every((word) => all.includes(word));
}

function nameCell(row) {
  return [
    el("a", { href: `/accounts/${encodeURIComponent(row.account_id)}`, dir: "auto" }, row.name),
    row.top && el("span", { class: "tag top", title: `Number ${row.rank} by revenue` }, "Top 20"),
  ];
}

function heardCell(row) {
  if (row.last_heard) return el("time", { datetime: row.last_heard }, day(row.last_heard));
  return row.heard ? "no date" : el("span", { class: "lacking" }, "not heard");
}

function trait(field) {
  return (row) => (row[field] ? el("bdi", {}, row[field]) : el("span", { class: "none" }, "–"));
}
