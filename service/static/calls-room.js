// The room of calls: adding them, and the table of those there are.

import { startCalls } from "./calls.js";
import { onBack } from "./connection.js";
import { byId, tell } from "./element.js";
import { loadAccounts, loadCalls, onKnown } from "./known.js";
import { look, startReading } from "./reading.js";

startCalls();
onBack(load);

if (await load()) {
  await startReading();
  // A call that was added waits to be read, or is being read already.
  onKnown(() => look().catch(() => {}));
}

async function load() {
  try {
    await loadAccounts(); // first: what the address asks for may name one
    await loadCalls();
    byId("calls-loading").hidden = true;
    tell(byId("trouble"), "");
    return true;
  } catch (problem) {
    tell(byId("trouble"), problem.message);
    return false;
  }
}
