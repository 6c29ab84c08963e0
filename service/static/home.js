// The home page: starts its parts, then loads what they show.

import { startAccounts, welcome } from "./accounts.js";
import { fromAddress, startAsking } from "./ask.js";
import { startCalls } from "./calls.js";
import { byId, tell } from "./element.js";
import { loadAccounts, loadCalls, onKnown } from "./known.js";
import { resumeDraft, showMemos, startMemos } from "./memos.js";
import { look, startReading } from "./reading.js";
import { resume, startUploading } from "./upload.js";

startAccounts();
startAsking();
startCalls();
startMemos();
startUploading();

try {
  await Promise.all([loadAccounts(), loadCalls()]);
  welcome();
  // The page grew since the browser looked for the #room in its address.
  if (location.hash) byId(location.hash.slice(1))?.scrollIntoView();
  fromAddress();
  await Promise.all([resume(), resumeDraft(), showMemos(), startReading()]);
  // A call that was added waits to be read, or is being read already.
  onKnown(() => look().catch(() => {}));
} catch (problem) {
  tell(byId("trouble"), problem.message);
}
