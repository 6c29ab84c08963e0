// Home: what to do first.

import { byId, tell } from "./element.js";
import { accounts, calls, loadAccounts, loadCalls } from "./known.js";

try {
  await Promise.all([loadAccounts(), loadCalls()]);
  byId("step-accounts").classList.toggle("done", accounts.size > 0);
  byId("welcome").hidden = calls.size > 0;
} catch (problem) {
  tell(byId("trouble"), problem.message);
}
