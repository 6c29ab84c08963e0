// Loading accounts from a CSV: first what it would change, and only then the change.

import { api } from "./api.js";
import { el } from "./element.js";
import { day, money, several } from "./format.js";
import { loadAccounts } from "./known.js";

const LISTED = 100; // accounts of a sort that are listed
const FIELDS = {
  name: "Name", arr_usd: "Revenue a year", tier: "Tier", segment: "Segment", region: "Region",
  renewal_date: "Renewal", health: "Health", owner: "Owner",
};

// Asks in a dialog; a sentence on what was loaded, or "" where nothing was.
export async function importAccounts(file) {
  const dialog = el("dialog", { class: "wide", "aria-labelledby": "import-title" });
  const closed = new Promise((resolve) => dialog.addEventListener("close", resolve));
  const opener = document.activeElement;
  const said = { text: "" };
  fill(dialog, file, el("p", { class: "quiet", role: "status" }, "Looking at what it would change …"), close(dialog, "Cancel"));
  document.body.append(dialog);
  dialog.showModal();
  try {
    const found = await api("/api/accounts/preview", { method: "POST", body: file, type: "text/csv" });
    fill(dialog, file, ...preview(found), buttons(dialog, file, found, said));
    dialog.querySelector("button.main, .row button")?.focus();
  } catch (problem) {
    fill(dialog, file, el("p", { class: "notice bad", role: "alert" }, problem.message), close(dialog, "Close"));
  }
  await closed;
  dialog.remove();
  opener?.focus();
  return said.text;
}

function fill(dialog, file, ...content) {
  dialog.replaceChildren(el("div", { class: "import" },
    el("h2", { id: "import-title" }, "Load accounts from ", el("bdi", {}, file.name)), content));
}

function preview(found) {
  if (found.faults.length > 0) {
    return [
      el("p", { class: "notice bad" }, `${several(found.faults.length, "line")} cannot be read, so nothing is loaded. Mend the file and choose it again.`),
      el("ul", { class: "faults" }, found.faults.slice(0, LISTED).map((fault) => el("li", { dir: "auto" }, fault)), more(found.faults.length)),
    ];
  }
  const nothing = found.added.length + found.changed.length === 0;
  return [
    el("p", {}, nothing
      ? `Nothing would change: ${several(found.same, "account")} ${found.same === 1 ? "is" : "are"} here as the file has them.`
      : `${several(found.added.length, "account")} new, ${found.changed.length.toLocaleString("en-US")} changed, ${found.same.toLocaleString("en-US")} the same.`,
    found.untouched > 0 && ` ${several(found.untouched, "account")} that ${found.untouched === 1 ? "is" : "are"} not in the file stay as they are.`),
    found.emptied > 0 && el("p", { class: "notice" }, `${several(found.emptied, "field")} that ${found.emptied === 1 ? "has" : "have"} a value now would be empty.`,
      found.missing.length > 0 && ` The file has no column ${found.missing.join(", ")}.`),
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
    more(changed.length, "p"));
}

function additions(added) {
  return el("details", { open: added.length <= 12 }, el("summary", {}, several(added.length, "new account")),
    el("table", { class: "list" },
      el("thead", {}, el("tr", {}, el("th", { scope: "col" }, "Account"), el("th", { scope: "col", class: "number" }, "Revenue a year"), el("th", { scope: "col" }, "Renewal"))),
      el("tbody", {}, added.slice(0, LISTED).map((one) => el("tr", {},
        el("td", {}, el("bdi", {}, one.name)), el("td", { class: "number" }, money(one.arr_usd)), el("td", {}, one.renewal_date ? day(one.renewal_date) : "–"))))),
    more(added.length, "p"));
}

function buttons(dialog, file, found, said) {
  const n = found.added.length + found.changed.length;
  if (found.faults.length > 0 || n === 0) return close(dialog, "Close");
  const trouble = el("p", { class: "notice bad", role: "alert", hidden: true });
  const load = el("button", { type: "button", class: "main", onclick: async () => {
    load.disabled = true;
    load.textContent = "Loading …";
    try {
      const rows = await api("/api/accounts", { method: "PUT", body: file, type: "text/csv" });
      await loadAccounts(rows);
      said.text = `Loaded ${file.name}: ${found.added.length} new, ${found.changed.length} changed; ${several(rows.length, "account")} now.`;
      dialog.close();
    } catch (problem) {
      trouble.textContent = problem.message;
      trouble.hidden = false;
      load.disabled = false;
      load.textContent = "Try again";
    }
  } }, `Load ${several(n, "account")}`);
  return [trouble, el("p", { class: "row" }, load, closer(dialog, "Cancel"))];
}

const closer = (dialog, words) => el("button", { type: "button", onclick: () => dialog.close() }, words);

const close = (dialog, words) => el("p", { class: "row" }, closer(dialog, words));

function shown(field, value) {
  if (value === null) return "nothing";
  if (field === "arr_usd") return money(value);
  return field === "renewal_date" ? day(value) : el("bdi", {}, value);
}

function more(n, tag = "li") {
  return n > LISTED && el(tag, { class: "quiet" }, `and ${(n - LISTED).toLocaleString("en-US")} more`);
}
