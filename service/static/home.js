// Home: where the 30 days stand, at a glance, and what to do next.

import { api } from "./api.js";
import { atWork } from "./at-work.js";
import { showBoard, showReach } from "./board.js";
import { showNext } from "./booking.js";
import { showClock, showHours } from "./clock.js";
import { onBack } from "./connection.js";
import { byId, tell } from "./element.js";
import { loadAccounts, loadCalls } from "./known.js";
import { offerSample } from "./sample.js";
import { showNeeds, showRisks } from "./standing.js";

const PAUSE_MS = 1500; // files end in bursts: one look for many of them

let soon = 0;

async function load() {
  clearTimeout(soon);
  soon = 0;
  const home = await api("/api/home");
  await Promise.all([loadAccounts(home.accounts), loadCalls(home.calls)]);
  show(home);
}

function show(home) {
  tell(byId("trouble"), "");
  byId("home-loading").hidden = true;
  const [accounts, calls] = [home.accounts_n > 0, home.calls_n > 0];
  byId("welcome").hidden = calls;
  byId("step-accounts").classList.toggle("done", accounts);
  byId("sample").hidden = accounts;
  byId("glance").hidden = !calls;
  byId("ahead").hidden = !accounts && !calls;
  showClock(byId("clock"), home);
  showReach(byId("reach-now"), home);
  showHours(byId("hours"), home);
  byId("board-room").hidden = home.coverage.board.length === 0;
  tell(byId("board-title"), boardTitle(home.coverage.board.length));
  showBoard(byId("board"), home);
  showNeeds(byId("needs"), home);
  showNext(byId("next"), home, load);
  byId("risks-room").hidden = home.at_risk.length === 0;
  showRisks(byId("risks"), byId("risks-n"), home);
  atWork(byId("at-work-now"), home, later);
}

const boardTitle = (n) => (n === 1 ? "Your largest account" : `Your ${n} largest accounts`);

// What changed while files come in is shown soon after.
function later() {
  if (soon === 0) soon = setTimeout(() => load().catch(failed), PAUSE_MS);
}

function failed(problem) {
  byId("home-loading").hidden = true;
  tell(byId("trouble"), problem.message);
}

onBack(() => load().catch(failed));
offerSample(byId("load-sample"), byId("sample-said"), load);
load().catch(failed);
