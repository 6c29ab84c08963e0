// The page of themes: what is confirmed, ranked; what is only offered; every change can be undone.

import { api } from "./api.js";
import { byId, tell } from "./element.js";
import { several } from "./format.js";
import { loadAccounts, loadCalls } from "./known.js";
import { look, startReading } from "./reading.js";
import { candidateCard, dismissedLine, foundCard, themeCard, unheardLine } from "./theme.js";

const view = byId("view");
const said = byId("changed-said");
let turn = 0;

async function load() {
  const mine = ++turn;
  const { top, by } = view.elements;
  const asked = new URLSearchParams({ by: by.value });
  if (top.value) asked.set("top", top.value);
  const [themes, everywhere, codes, changes] = await Promise.all([
    api(`/api/themes?${asked}`),
    // A group is confirmed by its id among all calls; within filters it could have another.
    top.value ? api("/api/themes") : null,
    api("/api/codes?dismissed=true"),
    api("/api/codebook/history"),
  ]);
  if (mine === turn) show(themes, everywhere ?? themes, codes, changes);
}

function show(themes, everywhere, codes, changes) {
  const confirmed = themes.filter((theme) => theme.status === "confirmed");
  const found = themes.filter((theme) => theme.status === "candidate" && theme.by === "model");
  const offered = everywhere.filter((theme) => theme.status === "candidate" && theme.by !== "model");
  const active = codes.filter((code) => code.state === "active");
  const aside = codes.filter((code) => code.state === "dismissed");
  const heard = new Set(confirmed.map((theme) => theme.id));
  const unheard = active.filter((code) => !heard.has(code.id));
  const open = [...document.querySelectorAll("main details[open][id]")].map((one) => one.id);

  const codeOf = new Map(active.map((code) => [code.id, code]));
  byId("confirmed").replaceChildren(...confirmed.map((theme) =>
    themeCard(theme, codeOf.get(theme.id), active, change)));
  byId("unheard-list").replaceChildren(...unheard.map((code) => unheardLine(code, active, change)));
  byId("aside-list").replaceChildren(...aside.map((code) => dismissedLine(code, change)));
  byId("found-list").replaceChildren(...found.map((theme) => foundCard(theme, change)));
  byId("candidate-list").replaceChildren(...offered.map((theme) => candidateCard(theme, change)));

  byId("loading").hidden = true;
  byId("confirmed-n").textContent = confirmed.length > 0 ? String(confirmed.length) : "";
  const nameable = found.length + offered.length > 0;
  byId("first").hidden = active.length > 0 || !nameable;
  byId("first-found").hidden = found.length === 0;
  byId("first-offered").hidden = offered.length === 0;
  byId("nothing").hidden = active.length > 0 || nameable;
  byId("unheard").hidden = unheard.length === 0;
  byId("aside").hidden = aside.length === 0;
  byId("aside-n").textContent = aside.length > 0 ? String(aside.length) : "";
  byId("take-home").hidden = active.length === 0;
  byId("found").hidden = found.length === 0;
  byId("found-n").textContent = found.length > 0 ? String(found.length) : "";
  byId("candidates").hidden = offered.length === 0;
  byId("undo").hidden = changes.length === 0;
  byId("undo").title = changes.length > 0 ? `Undo: ${changes[0].what}` : "";
  byId("undo").textContent = said.textContent ? "Undo" : "Undo the last change";
  for (const id of open) byId(id)?.setAttribute("open", "");
}

// Does something to the codebook, says so, and draws all anew. `focus` is where to go on from;
// the page moves there only to `follow` what went elsewhere.
async function change(work, sentence, focus = "confirmed-title", { follow = false } = {}) {
  say("Counting anew …");
  try {
    const done = await work();
    await load();
    say(typeof sentence === "function" ? sentence(done) : sentence);
    byId("undo").textContent = "Undo";
    const next = byId(focus)?.closest("[hidden]") ? null : byId(focus);
    (next ?? byId("confirmed-title")).focus({ preventScroll: !follow });
    look().catch(() => {}); // the change itself is done and said
    return true;
  } catch (problem) {
    say(problem.message, true);
    // What is gone was changed elsewhere: show what is there. Else what was typed stays.
    if (problem.status === 404) await load().catch(() => {});
    return false;
  }
}

function say(text, bad = false) {
  said.textContent = text;
  byId("changed").classList.toggle("bad", bad);
  byId("changed").classList.toggle("said", text !== "");
}

byId("undo").addEventListener("click", () =>
  change(() => api("/api/codebook/undo", { method: "POST" }), (done) => `Taken back: ${done.undone}.`));

view.addEventListener("change", () => load().catch((problem) => say(problem.message, true)));
view.addEventListener("submit", (event) => event.preventDefault());

byId("new-code").addEventListener("submit", async (event) => {
  event.preventDefault();
  const { label, definition, kind } = event.target.elements;
  const json = { label: label.value, definition: definition.value, kind: kind.value };
  const added = await change(() => api("/api/codes", { method: "POST", json }), (code) => `Added “${code.label}”.`);
  if (!added) return;
  event.target.reset();
  byId("own").open = false;
});

byId("load-codes").addEventListener("click", () => byId("codes-file").click());
byId("codes-file").addEventListener("change", async (event) => {
  const [file] = event.target.files;
  if (!file) return;
  const type = /\.csv$/i.test(file.name) ? "text/csv" : "application/yaml";
  await change(() => api("/api/codebook", { method: "PUT", body: file, type }),
    (codes) => `Loaded ${several(codes.length, "theme")} from ${file.name}.`);
  event.target.value = "";
});

try {
  await Promise.all([loadAccounts(), loadCalls()]);
  await load();
  startReading(load);
  if (location.hash) byId(location.hash.slice(1))?.scrollIntoView();
} catch (problem) {
  byId("loading").hidden = true;
  tell(byId("trouble"), problem.message);
}
