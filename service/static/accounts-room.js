// The room of accounts: those there are, and loading them from a CSV.

import { importAccounts } from "./account-import.js";
import { startAccounts } from "./accounts.js";
import { onBack } from "./connection.js";
import { byId, tell } from "./element.js";
import { loadAccounts } from "./known.js";

startAccounts();
startImport();
onBack(load);
await load();

async function load() {
  try {
    await loadAccounts();
    byId("accounts-loading").hidden = true;
    tell(byId("trouble"), "");
  } catch (problem) {
    tell(byId("trouble"), problem.message);
  }
}

function startImport() {
  const picker = byId("accounts-file");
  byId("import").addEventListener("click", () => picker.click());
  picker.addEventListener("change", async () => {
    const [file] = picker.files;
    if (!file) return;
    tell(byId("accounts-said"), "");
    tell(byId("accounts-said"), await importAccounts(file));
    picker.value = "";
  });
}
