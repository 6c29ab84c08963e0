// The table of calls: found by words, account and what is to be done with them; sorted by its columns.

import { api, callApi, callPage } from "./api.js";
import { matchOf, startMatches } from "./call-matches.js";
import { byName, options } from "./choices.js";
import { byId, el } from "./element.js";
import { clock, day, DOUBTFUL } from "./format.js";
import { accountName, accounts, calls, loadCalls, onKnown } from "./known.js";
import { may } from "./may.js";
import { narrowed, restore, startNarrowing, tellFound } from "./narrowing.js";
import { sortable } from "./table.js";

const STATES = { ready: "ready", working: "being heard", failed: "failed" };
const doubtful = (call) => call.speakers.some((speaker) => speaker.doubt >= DOUBTFUL);
const SORTS = {
  "no-account": (call) => !call.account_id,
  "no-date": (call) => !call.date,
  roles: doubtful,
  working: (call) => call.state === "working",
  failed: (call) => call.state === "failed",
};
const COLUMNS = [
  { name: "Date", key: (call) => call.date, kind: "date", falling: true, cell: dateCell },
  { name: "Call", key: (call) => call.title, kind: "title", cell: titleCell },
  { name: "Account", key: (call) => (call.account_id ? accountName(call.account_id) : null), kind: "account", cell: accountCell },
  { name: "Length", key: (call) => call.duration_s, kind: "number", falling: true, cell: (call) => clock(call.duration_s) || "–" },
  { name: "Speakers", key: (call) => call.speakers.length, kind: "people", falling: true, cell: peopleCell },
  { name: "State", key: (call) => call.state, kind: "state", cell: stateCell },
];

let draw;

export function startCalls() {
  draw = sortable(byId("calls-table"), COLUMNS, { column: 0, falling: true });
  startNarrowing(() => show(true));
  startMatches(() => show(false));
  onKnown(() => {
    for (const id of ["add-account", "find-account"]) options(byId(id), byName([...accounts.values()]));
    if (calls.size > 0) restore();
    show(false);
  });
}

function show(anew) {
  const { words, account, show: sort } = narrowed();
  const wanted = SORTS[sort] ?? (() => true);
  const all = [...calls.values()];
  const found = all.filter((call) => (!account || call.account_id === account) && wanted(call) && has(call, words));
  if (anew || !isSetting()) draw(found, { anew });
  byId("calls-n").textContent = all.length > 0 ? all.length.toLocaleString("en-US") : "";
  byId("calls-table").hidden = found.length === 0;
  byId("calls-none").hidden = all.length > 0;
  tellFound(found.length, all.length, "call");
}

// While somebody chooses what a call lacks, its line stays.
const isSetting = () => byId("calls-table").querySelector(".setter :is(select, input)") !== null;

function has(call, words) {
  if (words.length === 0) return true;
  const people = call.speakers.map((speaker) => speaker.name).join(" ");
  const text = `${call.title} ${people} ${accountName(call.account_id)} ${call.file_name} ${call.date ?? ""}`.toLowerCase();
  return words.every((word) => text.includes(word));
}

function titleCell(call) {
  return [
    el("a", { href: callPage(call.call_id), dir: "auto" }, call.title),
    call.has_audio && el("span", { class: "tag sound", title: "There is a recording to listen to" }, "sound"),
  ];
}

function peopleCell(call) {
  const names = (role) => call.speakers.filter((speaker) => speaker.role === role).map((speaker) => speaker.name).join(", ");
  const [customers, own] = [names("customer"), names("internal")];
  return [
    customers && el("bdi", {}, customers), customers && own && " · ",
    own && el("span", { class: "inside", title: "Your team" }, own),
    !customers && !own && "–",
    doubtful(call) && el("a", { class: "tag doubt", href: callPage(call.call_id), title: "Somebody's role is a guess; check who is who" }, "check roles"),
  ];
}

function stateCell(call) {
  return [
    el("span", { class: call.state }, STATES[call.state] ?? call.state),
    call.waits_for_consent && el("span", { class: "tag doubt", title: "It counts nowhere until the customer agrees" }, "waits for consent"),
  ];
}

function accountCell(call) {
  if (call.account_id) return el("a", { href: `/accounts/${encodeURIComponent(call.account_id)}` }, el("bdi", {}, accountName(call.account_id)));
  const choice = () => el("select", { "aria-label": `Account of ${call.title}` }, el("option", { value: "" }, "choose …"),
    byName([...accounts.values()]).map(([value, text]) => el("option", { value }, text)));
  return [setter(call, "account_id", "no account", "Set the account", choice), offer(call)];
}

// The account that its customers write from, to be taken with one press.
function offer(call) {
  const match = matchOf(call);
  if (!match || !may("editor")) return null;
  const take = el("button", { type: "button", class: "link", title: `${match.name}: ${match.why}`, "aria-label": `${call.title} is with ${match.name}`,
    onclick: () => set(call, "account_id", match.account_id, place) }, el("bdi", {}, match.name), "?");
  const place = el("span", { class: "offer" }, " ", take);
  return place;
}

function dateCell(call) {
  if (call.date) return el("time", { datetime: call.date }, day(call.date));
  return setter(call, "date", "no date", "Set the date", () => el("input", { type: "date", "aria-label": `Date of ${call.title}` }));
}

// What a call lacks can be set in its line; until somebody wants to, it is a word that says so.
function setter(call, field, lacking, words, control) {
  const button = el("button", { type: "button", class: "link lacking", title: words, "aria-label": `${words} of ${call.title}`, onclick: open }, lacking);
  const place = el("span", { class: "setter" }, button);
  return call.state === "failed" || !may("editor") ? lacking : place;

  function open() {
    const input = control();
    const save = el("button", { type: "button", onclick: () => set(call, field, input.value, place) }, "Set");
    const back = () => { place.replaceChildren(button); button.focus(); };
    place.replaceChildren(input, " ", save, el("button", { type: "button", class: "plain", "aria-label": "Leave it", onclick: back }, "×"));
    place.addEventListener("keydown", (event) => {
      if (event.key === "Escape") back();
      if (event.key === "Enter" && event.target === input) save.click();
    });
    input.focus();
  }
}

async function set(call, field, value, place) {
  if (!value) return place.querySelector("select, input").focus();
  const said = byId("calls-said");
  try {
    await api(callApi(call.call_id), { method: "PATCH", json: { [field]: value } });
    place.replaceChildren("saved");
    await loadCalls();
    said.className = "";
    said.textContent = field === "date" ? `${call.title} is of ${day(value)} now.` : `${call.title} is with ${accountName(value)} now.`;
    const next = document.querySelector("#calls-table .setter button");
    (next ?? byId("find-words")).focus();
  } catch (problem) {
    said.className = "bad";
    said.textContent = problem.message;
  }
}
