// Loading accounts from a CSV, and what to do first in an empty home.

import { api } from "./api.js";
import { byId } from "./element.js";
import { several } from "./format.js";
import { accounts, calls, loadAccounts, onKnown } from "./known.js";

export function startAccounts() {
  const picker = byId("accounts-file");
  for (const button of document.querySelectorAll("[data-import]")) {
    button.addEventListener("click", () => picker.click());
  }
  picker.addEventListener("change", async () => {
    const [file] = picker.files;
    if (!file) return;
    const said = byId("accounts-said");
    said.className = "";
    said.textContent = `Loading ${file.name} …`;
    byId("trouble").hidden = true;
    try {
      await loadAccounts(await api("/api/accounts", { method: "PUT", body: file, type: "text/csv" }));
      said.textContent = `Loaded ${file.name}: ${several(accounts.size, "account")} now.`;
    } catch (problem) {
      said.textContent = "";
      // At the top, because in an empty home the button pressed stands there.
      byId("trouble").textContent = problem.message;
      byId("trouble").hidden = false;
      byId("trouble").scrollIntoView({ block: "center" });
    }
    picker.value = "";
  });
  onKnown(() => {
    byId("step-accounts").classList.toggle("done", accounts.size > 0);
  });
}

// Shown once both lists are there, so that a full home never flashes it.
export function welcome() {
  const show = () => {
    const empty = calls.size === 0;
    byId("welcome").hidden = !empty;
    byId("ask").hidden = empty;
    byId("memos").hidden = empty;
  };
  onKnown(show);
  show();
}
