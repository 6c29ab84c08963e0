// The room where questions are asked.

import { askFor, open, retry, show, startAsking } from "./ask.js";
import { loadAsked, startAsked } from "./asked.js";
import { onBack } from "./connection.js";
import { byId, tell } from "./element.js";
import { loadAccounts, loadCalls } from "./known.js";
import { loadPicks } from "./picks.js";
import { loadSuggested } from "./suggested.js";

const trouble = (problem) => tell(byId("trouble"), problem.message);

startAsking();
startAsked(open);
onBack(() => {
  loadAsked();
  Promise.all([loadPicks(), loadSuggested(askFor)]).catch(trouble);
  retry();
});

try {
  Promise.all([loadPicks(), loadSuggested(askFor)]).catch(trouble);
  await Promise.all([loadAccounts(), loadCalls()]);
  loadAsked(); // with the names of accounts
  await show();
} catch (problem) {
  trouble(problem);
}
