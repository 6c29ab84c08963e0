// The page of themes: ranked, by account or over time; one opens beside them; the rest is on offer.

import { api } from "./api.js";
import { onBack } from "./connection.js";
import { byId, tell } from "./element.js";
import { several } from "./format.js";
import { calls, loadAccounts } from "./known.js";
import { startReading } from "./reading.js";
import { drawPanel, drawUnheard, drawWaiting } from "./theme-panel.js";
import { fillFilters, filters, fromAddress, isFiltered, measure, opened, toAddress, view } from "./themes-address.js";
import { changing, say, setUndoable } from "./themes-change.js";
import { drawCodebook, startCodebook } from "./themes-codebook.js";
import { heatmap } from "./themes-heatmap.js";
import { drawRanking } from "./themes-list.js";
import { offerCard, offerForm } from "./themes-offered.js";
import { timeline } from "./themes-time.js";

const panel = byId("panel");
const PLACES = { list: "ranking", accounts: "heat", time: "times" };
let turn = 0; // of loading the lists
let panelTurn = 0;
let themes = [];
let codes = [];
let offered = [];
let splitting = false;
let viewTurn = 0;
let opener = null; // what had the focus before the panel opened

const { change, undo } = changing({ load, close: closePanel, open: (id) => openTheme(id, null), isOpen: () => panel.open });
const context = { change, open: openTheme, undo, gone };

// What has a name is there soon; the groups that could get one take longer and come after. What was
// `changed` may change the groups: until they are there nobody decides on old ones.
async function load({ changed = false } = {}) {
  const mine = ++turn;
  if (changed) waitForGroups(true);
  const [found, known, changes] = await Promise.all([
    api(`/api/themes?${filters({ quotes: 1, only: "named" })}`),
    api("/api/codes?dismissed=true"),
    api("/api/codebook/history"),
  ]);
  if (mine !== turn) return;
  themes = found;
  codes = known;
  setUndoable(changes.length > 0);
  drawNamed(changes);
  loadGroups(mine).catch(trouble);
  const stays = splitting && !changed; // what is ticked for a split under way, and its name
  await Promise.all([drawView(), (panel.open || opened()) && !stays ? drawOpen() : null]);
}

// Over all calls, whatever the filters: a group is confirmed by its id among all.
async function loadGroups(mine) {
  const groups = await api("/api/themes?quotes=2&only=groups").finally(() => { if (mine === turn) waitForGroups(false); });
  if (mine !== turn) return;
  const before = JSON.stringify(offered);
  offered = groups;
  if (JSON.stringify(groups) !== before) drawOffers();
  drawHints(true);
}

function waitForGroups(now) {
  byId("candidate-list").inert = now;
  byId("candidate-list").setAttribute("aria-busy", String(now));
}

function drawOffers() {
  const at = document.activeElement?.closest?.(".offered")?.dataset.theme;
  byId("candidate-list").replaceChildren(...offered.map((theme) => offerCard(theme, context)));
  if (at) [...document.querySelectorAll(".offered")].find((card) => card.dataset.theme === at)?.querySelector("input").focus();
  count("candidates", offered);
}

// A group that was decided on goes at once.
function gone(id) {
  if (!offered.some((theme) => theme.id === id)) return;
  offered = offered.filter((theme) => theme.id !== id);
  drawOffers();
}

function drawNamed(changes) {
  const confirmed = themes.filter((theme) => theme.status === "confirmed");
  drawFound();
  drawCodebook({ codes, heard: new Set(confirmed.map((theme) => theme.id)), changes }, context);
  drawHints(false);
  byId("themes-said").textContent = confirmed.length > 0
    ? `${several(confirmed.length, "confirmed theme")}, counted from what customers said${isFiltered() ? " in the accounts you chose" : ""}.`
    : codes.some((code) => code.state === "active") ? "Nobody in these accounts spoke of your themes." : "";
}

function drawFound() {
  const found = themes.filter((theme) => theme.by === "model");
  drawRanking(byId("found-list"), found, measure(), (theme) => openTheme(theme.id, null), (theme) => offerForm(theme, context));
  count("found", found);
}

function count(id, rows) {
  byId(id).hidden = rows.length === 0;
  byId(`${id}-n`).textContent = rows.length > 0 ? String(rows.length) : "";
}

// What to do first; only when `sure` of all is it said that there is nothing.
function drawHints(sure) {
  const active = codes.some((code) => code.state === "active");
  const nameable = themes.some((theme) => theme.by === "model") || offered.length > 0;
  byId("view").hidden = !active && !nameable;
  byId("first").hidden = active || !nameable;
  byId("nothing").hidden = active || nameable || !sure;
}

async function drawView() {
  const mine = ++viewTurn;
  const now = view();
  for (const [name, id] of Object.entries(PLACES)) byId(id).hidden = name !== now;
  byId("measures").hidden = now !== "list";
  if (now === "list") {
    drawRanking(byId("ranking"), themes.filter((theme) => theme.status === "confirmed"), measure(), (theme) => openTheme(theme.id, null));
    return markOpen();
  }
  if (themes.length === 0) return byId(PLACES[now]).replaceChildren();
  const place = byId(PLACES[now]);
  place.setAttribute("aria-busy", "true");
  const picture = await api(`/api/themes/${now === "time" ? "timeline" : "heatmap"}?${filters()}`);
  if (mine !== viewTurn || now !== view()) return;
  place.replaceChildren(...(now === "time" ? timeline(picture, (id) => openTheme(id, null)) : heatmap(picture, openTheme)).filter(Boolean));
  place.setAttribute("aria-busy", "false");
  markOpen();
}

// The line and the cell whose words are open.
function markOpen() {
  const at = panel.open ? opened() : null;
  for (const line of document.querySelectorAll("[data-theme]")) line.classList.toggle("open", line.dataset.theme === at?.theme);
  for (const cell of document.querySelectorAll("[data-cell]")) {
    const open = cell.dataset.cell === `${at?.theme} ${at?.account}`;
    cell.classList.toggle("open", open);
    if (open) cell.scrollIntoView({ block: "nearest", inline: "nearest" });
  }
}

// --- the panel -----------------------------------------------------------------------------------

function openTheme(theme, account) {
  if (!panel.contains(document.activeElement)) opener = document.activeElement;
  splitting = false;
  toAddress({ theme, account }, { push: true });
  panel.scrollTop = 0;
  return drawOpen(true);
}

async function drawOpen(focus = false) {
  const mine = ++panelTurn;
  const at = opened();
  if (at === null) return closePanel({ silent: true, address: false });
  if (!panel.open) {
    drawWaiting("Opening …");
    panel.show();
  }
  markOpen();
  const { theme: id, account } = at;
  const code = codes.find((one) => one.id === id);
  const here = { ...context, account, code, splitting, split, codes: codes.filter((one) => one.state === "active") };
  const asked = offered.some((one) => one.id === id) ? new URLSearchParams() : filters();
  if (account) asked.set("account", account);
  try {
    const one = await api(`/api/themes/${encodeURIComponent(id)}?${asked}`);
    if (mine !== panelTurn) return;
    for (const call of one.calls) calls.set(call.call_id, call);
    drawPanel(one, { ...here, code: code ?? codes.find((other) => other.id === one.theme.id) });
  } catch (problem) {
    if (mine !== panelTurn) return;
    if (problem.status === 404 && code) drawUnheard(code, "Nobody in these accounts spoke of it.", here);
    else drawWaiting("This theme cannot be shown", problem.message);
  }
  if (focus) byId("panel-title").focus({ preventScroll: true });
}

function split(now) {
  splitting = now;
  drawOpen(!now).then(() => { if (now) panel.querySelector(".theme-splits input")?.focus(); });
}

// `silent`: something else gets the focus next.
function closePanel({ silent = false, address = true } = {}) {
  if (!panel.open) return;
  const id = opened()?.theme;
  panelTurn += 1;
  splitting = false;
  panel.close();
  byId("panel-body").replaceChildren();
  markOpen();
  if (address) toAddress(null, { push: true });
  if (silent) return;
  const line = [...document.querySelectorAll("[data-theme]")].find((one) => one.dataset.theme === id);
  const back = opener?.isConnected && opener !== document.body ? opener : line?.querySelector("button");
  (back ?? byId("themes-title")).focus({ preventScroll: true });
}

// --- starting ------------------------------------------------------------------------------------

const trouble = (problem) => say(problem.message, true);
const again = () => load().catch(trouble);

addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || !panel.open || byId("theme-edit").open) return;
  if (splitting) split(false);
  else closePanel();
});
addEventListener("popstate", () => {
  splitting = false;
  fromAddress();
  again();
});
document.addEventListener("visibilitychange", () => { if (!document.hidden) again(); });
byId("view").addEventListener("change", ({ target }) => {
  toAddress(opened());
  // Another view or order is of the same themes.
  if (target.name === "view") drawView().catch(trouble);
  else if (target.name === "by") {
    drawView().catch(trouble);
    drawFound();
  } else again();
});
byId("panel-close").addEventListener("click", () => closePanel());
byId("view").addEventListener("submit", (event) => event.preventDefault());
startCodebook(change);
onBack(again);

try {
  await loadAccounts();
  fillFilters();
  fromAddress();
  await load();
  startReading(() => load());
  if (location.hash) byId(location.hash.slice(1))?.scrollIntoView();
} catch (problem) {
  byId("themes-said").textContent = "";
  tell(byId("trouble"), problem.message);
}
