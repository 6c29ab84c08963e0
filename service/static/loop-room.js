// Close the loop: who is to hear what became of a need; told, put aside, and taken back.

import { api } from "./api.js";
import { onBack } from "./connection.js";
import { byId, tell } from "./element.js";
import { several } from "./format.js";
import { loadAccounts, loadCalls } from "./known.js";
import { drawNeed } from "./loop-entry.js";

const STAYS_MS = 20_000; // long enough for who reads slowly, or gets to Undo by keyboard
const NOBODY = {
  "to do": "Nobody waits to hear anything. Mark a need as shipped in Themes, and whoever voiced it is listed here; so is an account that voices a need for the first time.",
  sent: "Nobody was told anything yet.",
  dismissed: "Nothing was put aside.",
};
const entryApi = (entry, act) => `/api/loop/${encodeURIComponent(entry.id)}/${act}`;

const form = byId("loop-view");
const { state, owner, need } = form.elements;
let turn = 0;
let way = null; // back from what was done last
let hiding = 0;

async function load() {
  const mine = ++turn;
  const found = await api(`/api/loop?${asked()}`);
  if (mine !== turn) return;
  await Promise.all([loadAccounts(), loadCalls(found.calls)]);
  if (mine !== turn) return;
  tell(byId("trouble"), "");
  const labels = Object.entries(found.labels);
  form.hidden = labels.length === 0;
  offer(owner, found.owners.map((name) => [name, name]));
  offer(need, labels);
  byId("loop-file").href = `/api/loop/export?${asked()}`;
  byId("loop-said").textContent = found.to_do_n === 0 ? "Nobody waits to hear anything." : `${several(found.to_do_n, "account waits", "accounts wait")} to hear something.`;
  tell(byId("loop-none"), found.needs.length > 0 ? "" : owner.value || need.value ? "Nothing here is about that owner and need." : NOBODY[state.value]);
  const open = new Set([...document.querySelectorAll("#loop-needs details[open]")].map((fold) => fold.id));
  byId("loop-needs").replaceChildren(...found.needs.map((one) => drawNeed(one, act)));
  for (const fold of document.querySelectorAll("#loop-needs details[id]")) if (open.has(fold.id)) fold.open = true;
}

function asked() {
  const query = new URLSearchParams({ state: state.value });
  if (owner.value) query.set("owner", owner.value);
  if (need.value) query.set("need", need.value);
  return query;
}

// What can be chosen, keeping what is chosen while it is there.
function offer(select, options) {
  const chosen = select.value || (select === need ? new URLSearchParams(location.search).get("need") : "");
  const [any] = select.options;
  select.replaceChildren(any, ...options.map(([value, words]) => new Option(words, value)));
  select.value = options.some(([value]) => value === chosen) ? chosen : "";
}

async function act(entry, verb, words) {
  const next = neighbour(entry);
  try {
    await api(entryApi(entry, verb), { method: "POST" });
    const back = verb === "restore" ? (entry.state === "sent" ? "sent" : "dismiss") : "restore";
    say(words, () => api(entryApi(entry, back), { method: "POST" }));
    await load();
  } catch (problem) {
    say(problem.message, null, true);
    if (problem.status === 404) await load().catch(trouble); // its words were erased meanwhile
  }
  (byId(next) ?? byId("loop-title")).focus({ preventScroll: next === null });
}

// Where to go on: the entry after this one, else the one before.
function neighbour(entry) {
  const all = [...document.querySelectorAll(".loop-entry h3")].map((heading) => heading.id);
  const at = all.indexOf(`${entry.id}-title`);
  return all[at + 1] ?? all[at - 1] ?? null;
}

function say(words, back = null, bad = false) {
  clearTimeout(hiding);
  byId("loop-done").textContent = words;
  byId("loop-toast").classList.toggle("said", words !== "");
  byId("loop-toast").classList.toggle("bad", bad);
  byId("loop-undo").hidden = back === null;
  way = back;
  if (!bad) hide();
}

function hide() {
  const toast = byId("loop-toast");
  hiding = setTimeout(() => {
    // Not while somebody is about to press it.
    if (toast.contains(document.activeElement) || toast.matches(":hover")) hide();
    else toast.classList.remove("said");
  }, STAYS_MS);
}

byId("loop-undo").addEventListener("click", async () => {
  const back = way;
  byId("loop-undo").hidden = true;
  byId("loop-title").focus({ preventScroll: true });
  try {
    await back();
    say("Taken back.");
    await load();
  } catch (problem) {
    say(problem.message, null, true);
  }
});

function trouble(problem) {
  tell(byId("trouble"), problem.message);
}

// A link to one need comes with it chosen.
async function begin() {
  await load();
  if (need.value) await load();
}

form.addEventListener("submit", (event) => event.preventDefault());
form.addEventListener("change", () => load().catch(trouble));
onBack(() => load().catch(trouble));
begin().catch(trouble);
