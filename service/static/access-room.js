// Who gets in, in the settings of somebody who is signed in: people, tokens, one's own password.

import { api } from "./api.js";
import { onBack } from "./connection.js";
import { byId, tell } from "./element.js";
import { may } from "./may.js";
import { startPassword } from "./password.js";
import { showPeople, startPeople } from "./people.js";
import { showTokens, startTokens } from "./tokens.js";

async function load() {
  try {
    const me = await api("/api/session");
    startPassword(me);
    await Promise.all([showTokens(me), may("admin") && showPeople(me)]);
  } catch (problem) {
    tell(byId("trouble"), problem.message);
  }
}

startTokens();
startPeople();
onBack(load);
load();
