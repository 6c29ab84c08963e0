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
  const known = loadCalls();
  known.catch(trouble);
  await loadAccounts();
  // Filters can be set from this moment on: what the address says of them stands before anybody does.
  const shown = show();
  loadAsked(); // with the names of accounts
  await shown;
} catch (problem) {
  trouble(problem);
}
