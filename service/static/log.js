// The audit log: who did what, the newest first, a page at a time. Only admins are shown it.

import { api, Problem } from "./api.js";
import { byId, el, fill, tell } from "./element.js";
import { moment } from "./format.js";

const PAGE = 50;
const DID = {
  see: "saw", ask: "asked", add: "added", change: "changed", export: "took along",
  delete: "deleted", enter: "came in", leave: "left",
};
const CAME_TO = { refused: "refused", failed: "failed" };

const form = byId("log-filter");
const body = byId("log-rows");
const older = byId("log-older");

let asking = 0; // the newest question to the server: what an older one brings comes too late
let last = null; // the number of the last row that is shown

export function startLog() {
  form.addEventListener("submit", (event) => { event.preventDefault(); loadLog(); });
  form.addEventListener("change", () => loadLog());
  older.addEventListener("click", () => more());
}

export async function loadLog() {
  const found = await ask(null);
  if (!found) return;
  fill(body, found.map(line));
  show(found, found.length === 0 ? "Nothing in the log fits." : "");
}

async function more() {
  const at = body.rows.length;
  const found = await ask(last);
  if (!found) return;
  body.append(...found.map(line));
  show(found, "");
  if (older.hidden) (body.rows[at] ?? body.rows[at - 1])?.focus();
}

function show(found, sentence) {
  last = found.at(-1)?.seq ?? last;
  older.hidden = found.length < PAGE;
  tell(byId("log-said"), sentence);
  byId("log-section").hidden = false;
}

async function ask(before) {
  const mine = ++asking;
  const query = new URLSearchParams({ limit: PAGE });
  for (const name of ["action", "who", "since", "until"]) {
    const value = form.elements[name].value.trim();
    if (value) query.set(name, value);
  }
  if (before !== null) query.set("before", before);
  try {
    const found = await api(`/api/audit?${query}`);
    return mine === asking ? found : null;
  } catch (problem) {
    if (!(problem instanceof Problem)) throw problem;
    // Whoever may not see it is not told that there is something to see.
    if (mine === asking && problem.status !== 403) {
      tell(byId("log-said"), problem.message);
      byId("log-section").hidden = false;
    }
    return null;
  }
}

function line(row) {
  const numbers = Object.entries(row.detail).map(([name, value]) => `${name} ${value}`).join(", ");
  const came = CAME_TO[row.result];
  return el("tr", { tabindex: "-1" },
    el("td", {}, el("time", { datetime: row.at }, moment(row.at))),
    el("td", {}, row.who, el("span", { class: "quiet" }, ` ${[row.via, row.address].filter(Boolean).join(", ")}`)),
    el("td", {},
      `${DID[row.action] ?? row.action} ${row.kind} `,
      row.subject && el("code", {}, row.subject),
      numbers && el("span", { class: "quiet" }, ` ${numbers}`),
      came && el("strong", {}, ` ${came}`)));
}
