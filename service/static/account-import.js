// Loading accounts from a CSV: first what it would change, and only then the change.

import { changesOf, fileDialog } from "./account-difference.js";
import { api } from "./api.js";
import { importFromCrm } from "./crm-import.js";
import { el } from "./element.js";
import { several } from "./format.js";
import { loadAccounts } from "./known.js";

const LISTED = 100; // faults that are listed

// Asks in a dialog; {text, undo?}: what was loaded, or "" where nothing was, and how to take it back.
// A file that is not of our own columns comes from a CRM.
export async function importAccounts(file) {
  const said = { text: "" };
  const shown = fileDialog(file);
  shown.show(el("p", { class: "quiet", role: "status" }, "Looking at what it would change …"), shown.closing("Cancel"));
  try {
    if (await isOurs(file)) {
      const found = await api("/api/accounts/preview", { method: "POST", body: file, type: "text/csv" });
      shown.show(...told(found), buttons(shown, file, found, said));
    } else {
      await importFromCrm(shown, file, said);
    }
    shown.focus();
  } catch (problem) {
    shown.show(el("p", { class: "notice bad", role: "alert" }, problem.message), shown.closing("Close"));
  }
  await shown.closed;
  return said;
}

// By the names of its columns, whatever the encoding and the separator.
async function isOurs(file) {
  const begin = await file.slice(0, 4096).text();
  const names = begin.replaceAll("\0", "").replace(/^\W+/, "").split(/\r?\n|\r/)[0].toLowerCase().split(/[;,\t]/);
  const has = (name) => names.some((one) => one.trim().replace(/^"|"$/g, "").replace(/[\s-]+/g, "_") === name);
  return has("account_id") && has("name");
}

function told(found) {
  if (found.faults.length > 0) {
    return [
      el("p", { class: "notice bad" }, `${several(found.faults.length, "line")} cannot be read, so nothing is loaded. Mend the file and choose it again.`),
      el("ul", { class: "faults" }, found.faults.slice(0, LISTED).map((fault) => el("li", { dir: "auto" }, fault)),
        found.faults.length > LISTED && el("li", { class: "quiet" }, `and ${(found.faults.length - LISTED).toLocaleString("en-US")} more`)),
    ];
  }
  return [
    ...changesOf(found),
    found.emptied > 0 && el("p", { class: "notice" }, `${several(found.emptied, "field")} that ${found.emptied === 1 ? "has" : "have"} a value now would be empty.`,
      found.missing.length > 0 && ` The file has no column ${found.missing.join(", ")}.`),
  ];
}

function buttons(shown, file, found, said) {
  const n = found.added.length + found.changed.length;
  if (found.faults.length > 0 || n === 0) return shown.closing("Close");
  return shown.loading(`Load ${several(n, "account")}`, async () => {
    const rows = await api("/api/accounts", { method: "PUT", body: file, type: "text/csv" });
    await loadAccounts(rows);
    said.text = `Loaded ${file.name}: ${found.added.length} new, ${found.changed.length} changed; ${several(rows.length, "account")} now.`;
  });
}
