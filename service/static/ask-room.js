// The room where questions are asked.

import { fromAddress, startAsking } from "./ask.js";
import { byId, tell } from "./element.js";
import { loadAccounts, loadCalls } from "./known.js";

startAsking();

try {
  await Promise.all([loadAccounts(), loadCalls()]);
  fromAddress();
} catch (problem) {
  tell(byId("trouble"), problem.message);
}
