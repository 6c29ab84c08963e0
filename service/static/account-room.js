// One account: who they are and what they said.

import { byId, tell } from "./element.js";
import { loadAccounts, loadCalls } from "./known.js";

try {
  await Promise.all([loadAccounts(), loadCalls()]);
} catch (problem) {
  tell(byId("trouble"), problem.message);
}
