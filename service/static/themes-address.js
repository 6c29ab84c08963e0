// What is shown, as it stands in the address: filters, the view, the measure, the theme that is open.

import { options } from "./choices.js";
import { byId } from "./element.js";
import { accounts } from "./known.js";

const form = byId("view");
const FILTERS = ["tier", "segment", "region"];
const USUAL = { view: "list", by: "arr" };

export const view = () => form.elements.view.value;
export const measure = () => form.elements.by.value;

// The filters as the API takes them.
export function filters(more = {}) {
  const asked = new URLSearchParams(more);
  if (form.elements.top.checked) asked.set("top", "20");
  for (const name of FILTERS) if (form.elements[name].value) asked.set(name, form.elements[name].value);
  return asked;
}

export const isFiltered = () => filters().size > 0;

// The theme (and the account) whose words are open, or null.
export function opened() {
  const wanted = new URLSearchParams(location.search);
  const theme = wanted.get("theme");
  return theme === null ? null : { theme, account: wanted.get("account") };
}

export function fromAddress() {
  const wanted = new URLSearchParams(location.search);
  form.elements.top.checked = wanted.get("top") === "20";
  for (const name of FILTERS) form.elements[name].value = wanted.get(name) ?? "";
  for (const [name, usual] of Object.entries(USUAL)) {
    form.elements[name].value = wanted.get(name) ?? usual;
    if (!form.elements[name].value) form.elements[name].value = usual; // a value nobody offers
  }
  mark();
}

// Writes what is shown into the address; `push` makes it a step that the back button takes back.
export function toAddress(open, { push = false } = {}) {
  const asked = filters();
  for (const [name, usual] of Object.entries(USUAL)) {
    if (form.elements[name].value !== usual) asked.set(name, form.elements[name].value);
  }
  if (open) {
    asked.set("theme", open.theme);
    if (open.account) asked.set("account", open.account);
  }
  const address = asked.size > 0 ? `/themes?${asked}` : "/themes";
  if (push) history.pushState(null, "", address);
  else history.replaceState(null, "", address);
  mark();
}

export function fillFilters() {
  const rows = [...accounts.values()];
  form.querySelector(".filters").hidden = rows.length === 0;
  for (const name of FILTERS) {
    const values = [...new Set(rows.map((row) => row[name]).filter(Boolean))].sort();
    options(form.elements[name], values.map((value) => [value, value]));
    form.elements[name].closest("label").hidden = values.length === 0;
  }
}

function mark() {
  for (const label of form.querySelectorAll(".chip, .pick")) {
    const field = label.querySelector("input, select");
    label.classList.toggle("on", field.type === "checkbox" ? field.checked : Boolean(field.value));
  }
}
