// The room of memos: drafting one, and those there are.

import { onBack } from "./connection.js";
import { byId, tell } from "./element.js";
import { resumeDraft, showMemos, startMemos } from "./memos.js";

startMemos();

async function look() {
  try {
    await Promise.all([resumeDraft(), showMemos()]);
    tell(byId("trouble"), "");
  } catch (problem) {
    tell(byId("trouble"), problem.message);
  }
}

onBack(look);
await look();
