// The room of accounts: those there are, and loading them from a CSV.

import { startAccounts } from "./accounts.js";
import { byId, tell } from "./element.js";
import { loadAccounts } from "./known.js";

startAccounts();

try {
  await loadAccounts();
} catch (problem) {
  tell(byId("trouble"), problem.message);
}
