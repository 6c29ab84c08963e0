// Loading accounts from a CSV.

import { api } from "./api.js";
import { byId } from "./element.js";
import { several } from "./format.js";
import { accounts, loadAccounts, onKnown } from "./known.js";

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
      byId("trouble").textContent = problem.message;
      byId("trouble").hidden = false;
      byId("trouble").scrollIntoView({ block: "center" });
    }
    picker.value = "";
  });
  onKnown(() => {
    byId("accounts-n").textContent = accounts.size > 0 ? `${several(accounts.size, "account")} known.` : "No accounts yet.";
  });
}
