// One account: who they are, what they said over time, what they need, and what nobody knows yet.

import { draw } from "./account.js";
import { api } from "./api.js";
import { onBack } from "./connection.js";
import { byId, tell } from "./element.js";
import { loadAccounts, loadCalls, onKnown } from "./known.js";

const id = byId("main").dataset.account;
let own = false; // what is known changes by this room's own doing

onBack(load);
onKnown(() => { if (!own) load(); }); // a call was added
await load();

async function load() {
  try {
    const page = await api(`/api/accounts/${encodeURIComponent(id)}`);
    own = true;
    await loadAccounts([page]);
    await loadCalls(page.calls);
    own = false;
    draw(page);
    tell(byId("trouble"), "");
  } catch (problem) {
    tell(byId("trouble"), problem.message);
  }
}
