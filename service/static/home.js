// Home: where the 30 days stand, at a glance, and what to do next.

import { api } from "./api.js";
import { atWork } from "./at-work.js";
import { showBoard, showReach } from "./board.js";
import { showNext } from "./booking.js";
import { showClock, showHours } from "./clock.js";
import { onBack } from "./connection.js";
import { byId, el, tell } from "./element.js";
import { several } from "./format.js";
import { accounts, loadAccounts, loadCalls } from "./known.js";
import { loadPeople, startPeople } from "./people-hours.js";
import { offerSample } from "./sample.js";
import { showNeeds, showRisks } from "./standing.js";

const PAUSE_MS = 1500; // files end in bursts: one look for many of them

let soon = 0;
let turn = 0;

async function load() {
  clearTimeout(soon);
  soon = 0;
  const mine = ++turn;
  const home = await api("/api/home");
  if (mine !== turn) return; // what was asked for later shows
  await loadAccounts([...accounts.values(), ...home.accounts]);
  show(home);
  if (home.calls_n > 0) loadPeople().catch(failed);
  voices(home, mine).catch(failed); // what was said takes longer, where it was not read before
}

async function voices(home, mine) {
  const voiced = await api("/api/home/needs");
  if (mine !== turn) return;
  await Promise.all([loadAccounts([...accounts.values(), ...voiced.accounts]), loadCalls(voiced.calls)]);
  showNeeds(byId("needs"), voiced, home.calls_n);
  byId("risks-room").hidden = voiced.at_risk.length === 0;
  showRisks(byId("risks"), byId("risks-n"), voiced);
}

function show(home) {
  tell(byId("trouble"), "");
  byId("home-loading").hidden = true;
  const [hasAccounts, hasCalls] = [home.accounts_n > 0, home.calls_n > 0];
  byId("welcome").hidden = hasCalls;
  byId("step-accounts").classList.toggle("done", hasAccounts);
  byId("sample").hidden = hasAccounts;
  byId("glance").hidden = !hasCalls;
  byId("ahead").hidden = !hasAccounts && !hasCalls;
  showLacking(byId("lacking"), home.coverage);
  showClock(byId("clock"), home);
  showReach(byId("reach-now"), home);
  showHours(byId("hours"), home);
  byId("board-room").hidden = home.coverage.board.length === 0;
  tell(byId("board-title"), boardTitle(home.coverage.board.length));
  showBoard(byId("board"), home);
  showNext(byId("next"), home, load);
  atWork(byId("at-work-now"), home, later);
}

// A call that is nobody's counts for nobody: until that is set, figures are lower than they are.
function showLacking(place, { calls_without_account: nobodys, calls_without_date: undated }) {
  const line = (calls, lacks, then, address) => calls.length > 0 && el("li", {},
    `${several(calls.length, "call")} ${calls.length === 1 ? "has" : "have"} no ${lacks}: not counted for ${then} yet. `,
    el("a", { href: address, "data-needs": "editor" }, `Set the ${lacks}`));
  place.replaceChildren(...[
    line(nobodys, "account", "any customer", "/calls?show=no-account"),
    line(undated, "date", "any week", "/calls?show=no-date"),
  ].filter(Boolean));
  place.hidden = place.childElementCount === 0;
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
startPeople();
offerSample(byId("load-sample"), byId("sample-said"), load);
load().catch(failed);
