// The room of memos: drafting one, and those there are.

import { byId, tell } from "./element.js";
import { resumeDraft, showMemos, startMemos } from "./memos.js";

startMemos();

try {
  await Promise.all([resumeDraft(), showMemos()]);
} catch (problem) {
  tell(byId("trouble"), problem.message);
}
