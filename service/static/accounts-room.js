// The room of accounts: those there are, and loading them from a CSV.

import { importAccounts } from "./account-import.js";
import { startAccounts } from "./accounts.js";
import { onBack } from "./connection.js";
import { byId, el, tell } from "./element.js";
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
    const done = await importAccounts(file);
    if (done.text) tell(byId("accounts-said"), done.text); // what was called off changed nothing
    if (done.undo) offerUndo(done.undo);
    picker.value = "";
  });
}

function offerUndo(undo) {
  const said = byId("accounts-said");
  const button = el("button", { type: "button", class: "link", onclick: async () => {
    button.disabled = true;
    try {
      tell(said, await undo());
      byId("import").focus();
    } catch (problem) {
      tell(said, problem.message);
    }
  } }, "Undo");
  said.append(" ", button);
}
