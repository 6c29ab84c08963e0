// The filters of a question: chips that show what is set, each taken off with one click.

import { options } from "./choices.js";
import { byId, el } from "./element.js";
import { day } from "./format.js";
import { accountName, accounts, onKnown } from "./known.js";

const TOP = 20;
const TRAITS = ["tier", "segment", "region"];
const DAYS = ["since", "until"];
const FOUND = 30; // accounts shown to choose from at once

const place = byId("filters");
const fields = byId("question").elements;
const sought = byId("account-sought");
const chosen = new Set(); // ids of accounts
let changed = () => {};

// `then()` is called whenever somebody changed a filter.
export function startFilters(then) {
  changed = () => {
    mark();
    then();
  };
  byId("top").addEventListener("click", () => {
    press(byId("top").getAttribute("aria-pressed") !== "true");
    changed();
  });
  // The digits of a year come one by one: the year 2 is none yet.
  for (const name of [...TRAITS, ...DAYS]) fields[name].addEventListener("change", () => fields[name].validity.valid && changed());
  for (const off of place.querySelectorAll("[data-off]")) {
    off.addEventListener("click", () => {
      for (const name of off.dataset.off.split(" ")) fields[name].value = "";
      changed();
      off.parentElement.querySelector("select, summary").focus();
    });
  }
  sought.addEventListener("input", offer);
  sought.addEventListener("keydown", (event) => {
    if (event.key === "Enter") event.preventDefault(); // it asks nothing yet
  });
  for (const box of place.querySelectorAll("details")) foldAway(box);
  onKnown(fill);
}

export const filters = () => ({
  top: byId("top").getAttribute("aria-pressed") === "true" ? TOP : null,
  ...Object.fromEntries([...TRAITS, ...DAYS].map((name) => [name, fields[name].value || null])),
  accounts: chosen.size > 0 ? [...chosen] : null,
});

export function setFilters(wanted) {
  press(wanted.top === TOP);
  for (const name of [...TRAITS, ...DAYS]) fields[name].value = wanted[name] ?? "";
  chosen.clear();
  for (const id of wanted.accounts ?? []) chosen.add(id);
  mark();
}

export const toAddress = (set) => [
  ...["top", ...TRAITS, ...DAYS].filter((name) => set[name]).map((name) => [name, set[name]]),
  ...(set.accounts ?? []).map((id) => ["account", id]),
];

export const fromAddress = (params) => ({
  top: params.get("top") === String(TOP) ? TOP : null,
  ...Object.fromEntries([...TRAITS, ...DAYS].map((name) => [name, params.get(name)])),
  accounts: params.getAll("account"),
});

const press = (on) => byId("top").setAttribute("aria-pressed", on);

// A chip is on, or off and as quiet as it can be.
function mark() {
  for (const name of TRAITS) turn(fields[name].closest(".pick"), Boolean(fields[name].value));
  turn(byId("dates"), DAYS.some((name) => fields[name].value));
  byId("dates").querySelector("summary").textContent = span();
  byId("accounts-on").replaceChildren(...[...chosen].map(accountChip));
  offer();
}

function turn(chip, on) {
  chip.classList.toggle("on", on);
  chip.querySelector("[data-off]").hidden = !on;
}

function span() {
  const [since, until] = DAYS.map((name) => fields[name].value);
  if (since && until) return `${day(since)} to ${day(until)}`;
  if (since) return `since ${day(since)}`;
  return until ? `until ${day(until)}` : "Dates";
}

function accountChip(id) {
  return el("li", { class: "pick on" }, el("bdi", {}, accountName(id)), el("button", {
    type: "button", class: "off", "aria-label": `Take off the account ${accountName(id)}`,
    onclick: () => {
      chosen.delete(id);
      changed();
      byId("accounts-box").querySelector("summary").focus();
    },
  }, "×"));
}

// Accounts whose names have what was typed, as boxes to tick.
function offer() {
  const words = sought.value.trim().toLowerCase();
  const rows = [...accounts.values()].filter((row) => row.name.toLowerCase().includes(words));
  const shown = rows.sort((a, b) => a.name.localeCompare(b.name)).slice(0, FOUND);
  byId("accounts-found").replaceChildren(...shown.map(tick));
  const left = rows.length - shown.length;
  byId("accounts-left").textContent = rows.length === 0 ? "No account has that in its name."
    : left > 0 ? `and ${left} more; type a part of the name` : "";
}

function tick(row) {
  const box = el("input", { type: "checkbox", onchange: () => {
    if (box.checked) chosen.add(row.account_id);
    else chosen.delete(row.account_id);
    const at = [...byId("accounts-found").querySelectorAll("input")].indexOf(box);
    changed();
    byId("accounts-found").querySelectorAll("input")[at]?.focus(); // made anew meanwhile
  } });
  box.checked = chosen.has(row.account_id);
  return el("li", {}, el("label", {}, box, " ", el("bdi", {}, row.name)));
}

// What folds out goes away with Escape, and when somebody goes elsewhere.
function foldAway(box) {
  box.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !box.open) return;
    event.preventDefault();
    box.open = false;
    box.querySelector("summary").focus();
  });
  addEventListener("pointerdown", (event) => {
    if (!box.contains(event.target)) box.open = false;
  });
  box.addEventListener("focusout", (event) => {
    if (event.relatedTarget && !box.contains(event.relatedTarget)) box.open = false;
  });
}

function fill() {
  const rows = [...accounts.values()];
  place.hidden = rows.length === 0;
  for (const name of TRAITS) {
    const values = [...new Set(rows.map((row) => row[name]).filter(Boolean))].sort();
    options(fields[name], values.map((value) => [value, value]));
    fields[name].closest(".pick").hidden = values.length === 0;
  }
  mark();
}
