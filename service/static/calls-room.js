// The room of calls: adding them, and the table of those there are.

import { startCalls } from "./calls.js";
import { byId, tell } from "./element.js";
import { loadAccounts, loadCalls, onKnown } from "./known.js";
import { look, startReading } from "./reading.js";
import { resume, startUploading } from "./upload.js";

startCalls();
startUploading();

try {
  await Promise.all([loadAccounts(), loadCalls()]);
  await Promise.all([resume(), startReading()]);
  // A call that was added waits to be read, or is being read already.
  onKnown(() => look().catch(() => {}));
} catch (problem) {
  tell(byId("trouble"), problem.message);
}
