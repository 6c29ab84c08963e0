// Settings: what was set for this home, what it runs on, and what leaves this machine.

import { api } from "./api.js";
import { onBack } from "./connection.js";
import { byId, tell } from "./element.js";
import { startErasing } from "./erasing.js";
import { loadGoals, startGoals } from "./goals.js";
import { loadHooks, startHooks } from "./hooks.js";
import { loadLog, startLog } from "./log.js";
import { showLeaving, showMachine } from "./machine.js";
import { showSettings, startSettings } from "./settings.js";

async function load() {
  try {
    const [settings, machine] = await Promise.all([api("/api/settings"), api("/api/machine")]);
    tell(byId("trouble"), "");
    showSettings(settings, machine.internal_domains);
    showLeaving(byId("leaves"), machine.leaving);
    showMachine(byId("machine"), machine);
    if (document.body.dataset.role === "admin") await loadGoals();
  } catch (problem) {
    tell(byId("trouble"), problem.message);
  }
}

startSettings();
onBack(load);
load();
if (document.body.dataset.role === "admin") {
  startErasing();
  startGoals();
  startHooks();
  onBack(loadHooks);
  loadHooks();
  startLog();
  onBack(loadLog);
  loadLog();
}
