// What a file would change, and the dialog in which a person sees it before it does.

import { el } from "./element.js";
import { day, money, several } from "./format.js";

const LISTED = 100; // accounts of a sort that are listed
// What is to be answered, else the button that goes on.
const FIRST = ".questions :is(select, input), .import > details[open] select, button.main, .row button";
const FIELDS = {
  name: "Name", arr_usd: "Revenue a year", tier: "Tier", segment: "Segment", region: "Region",
  renewal_date: "Renewal", health: "Health", owner: "Owner",
};

// A dialog about one file, open at once. `closed` is a promise; `show` is given its content.
export function fileDialog(file) {
  const dialog = el("dialog", { class: "wide", "aria-labelledby": "import-title" });
  const opener = document.activeElement;
  const closed = new Promise((resolve) => dialog.addEventListener("close", resolve)).then(() => {
    dialog.remove();
    opener?.focus();
  });
  document.body.append(dialog);
  dialog.showModal();
  const closer = (words) => el("button", { type: "button", onclick: () => dialog.close() }, words);
  return {
    closed,
    closing: (words) => el("p", { class: "row" }, closer(words)),
    focus: () => [...dialog.querySelectorAll(FIRST)].find((one) => one.checkVisibility())?.focus(),
    loading: (words, load) => loading(dialog, words, load, closer("Cancel")),
    show: (...content) => dialog.replaceChildren(el("div", { class: "import" },
      el("h2", { id: "import-title" }, "Load accounts from ", el("bdi", {}, file.name)), content)),
  };
}

// The button that does it and closes; what went wrong stands above it, and it can be tried again.
function loading(dialog, words, load, cancel) {
  const trouble = el("p", { class: "notice bad", role: "alert", hidden: true });
  const button = el("button", { type: "button", class: "main", onclick: async () => {
    button.disabled = true;
    button.textContent = "Loading …";
    try {
      await load();
      dialog.close();
    } catch (problem) {
      trouble.textContent = problem.message;
      trouble.hidden = false;
      button.disabled = false;
      button.textContent = "Try again";
    }
  } }, words);
  return [trouble, el("p", { class: "row" }, button, cancel)];
}

export function changesOf(found) {
  const nothing = found.added.length + found.changed.length === 0;
  return [
    el("p", {}, nothing
      ? `Nothing would change: ${several(found.same, "account")} ${found.same === 1 ? "is" : "are"} here as the file has them.`
      : `${several(found.added.length, "account")} new, ${found.changed.length.toLocaleString("en-US")} changed, ${found.same.toLocaleString("en-US")} the same.`,
    found.untouched > 0 && ` ${several(found.untouched, "account")} that ${found.untouched === 1 ? "is" : "are"} not in the file stay as they are.`),
    !nothing && el("div", { class: "import-lists", tabindex: 0, role: "group", "aria-label": "What would change" },
      found.changed.length > 0 && changes(found.changed),
      found.added.length > 0 && additions(found.added)),
  ];
}

function changes(changed) {
  return el("details", { open: true }, el("summary", {}, several(changed.length, "account"), " would change"),
    el("table", { class: "list" },
      el("thead", {}, el("tr", {}, ["What", "Now", "From the file"].map((name) => el("th", { scope: "col" }, name)))),
      changed.slice(0, LISTED).map((one) => el("tbody", {},
        el("tr", {}, el("th", { scope: "rowgroup", colspan: 3, dir: "auto" }, one.name)),
        one.fields.map((field) => el("tr", {},
          el("td", { class: "quiet" }, FIELDS[field.field] ?? field.field), el("td", {}, shown(field.field, field.before)),
          el("td", {}, el("strong", { class: field.after === null ? "lacking" : null }, shown(field.field, field.after)))))))),
    more(changed.length));
}

function additions(added) {
  return el("details", { open: added.length <= 12 }, el("summary", {}, several(added.length, "new account")),
    el("table", { class: "list" },
      el("thead", {}, el("tr", {}, el("th", { scope: "col" }, "Account"), el("th", { scope: "col", class: "number" }, "Revenue a year"), el("th", { scope: "col" }, "Renewal"))),
      el("tbody", {}, added.slice(0, LISTED).map((one) => el("tr", {},
        el("td", {}, el("bdi", {}, one.name)), el("td", { class: "number" }, money(one.arr_usd)), el("td", {}, one.renewal_date ? day(one.renewal_date) : "–"))))),
    more(added.length));
}

function shown(field, value) {
  if (value === null) return "nothing";
  if (field === "arr_usd") return money(value);
  return field === "renewal_date" ? day(value) : el("bdi", {}, value);
}

function more(n) {
  return n > LISTED && el("p", { class: "quiet" }, `and ${(n - LISTED).toLocaleString("en-US")} more`);
}
