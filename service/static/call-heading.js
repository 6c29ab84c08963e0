// What the call is: its facts, what to know about it, its downloads, and the end of it.

import { api } from "./api.js";
import { change, path, room } from "./call-data.js";
import { byName, options } from "./choices.js";
import { droppedList } from "./dropped.js";
import { byId, el, onSubmit, tell } from "./element.js";
import { clock, day, several } from "./format.js";
import { accountName, accounts } from "./known.js";

const patch = (json) => api(path, { method: "PATCH", json });

const STATES = {
  working: "This call is still being heard.",
  failed: "The work on this call failed; try it again in the room Calls.",
};

const WAITS = "This call waits for consent: it is in no answer, theme, memo or count. Note it under “Change …” once the customer agrees.";

// Of a call that came as a recording and a transcript: which of them has the words.
function wordsFrom(call) {
  if (!call.transcript_file || call.state !== "ready") return null;
  const alike = call.agreement ? ` (${Math.round(100 * call.agreement)} % heard alike in the recording)` : "";
  const has = call.words_from === "transcript" ? "words from " : "words heard in the recording, not from ";
  return el("span", { id: "words-from" }, has, el("bdi", {}, call.transcript_file), alike);
}

export function showHeading() {
  const { call } = room;
  document.title = `${call.title} – Firsthand`;
  byId("title").textContent = call.title;
  const heard = call.engine ? `heard by ${call.engine}${call.model ? ` (${call.model})` : ""}` : null;
  const facts = [
    el("span", {}, day(call.date)),
    call.account_id
      ? el("a", { href: `/accounts/${encodeURIComponent(call.account_id)}` }, el("bdi", {}, accountName(call.account_id)))
      : "no account yet: its words count for nobody",
    clock(call.duration_s), several(call.utterances_n, "line"),
    call.has_audio ? heard : "came as a transcript",
    wordsFrom(call),
    call.read_by && `read by ${call.read_by}`,
    call.consent && `consent ${call.consent}`,
  ].filter(Boolean);
  byId("facts").replaceChildren(...facts.flatMap((fact, n) => (n > 0 ? [" · ", fact] : [fact])));
  byId("warnings").replaceChildren(
    ...[STATES[call.state], call.waits_for_consent && WAITS, ...call.warnings].filter(Boolean).map((w) => el("li", { class: "notice" }, w)));
  byId("read-by").replaceChildren(...[droppedList(call.dropped,
    `${several(call.dropped.length, "thing")} that ${call.read_by} read in this call did not check out`, "dropped")].filter(Boolean));
  byId("as-vtt").hidden = call.utterances.every((one) => one.start_s === null); // captions need times
  byId("downloads").hidden = call.utterances.length === 0;
}

export function startEditing() {
  const form = byId("about");
  const fields = form.elements;
  const select = fields.account_id;
  select.replaceChildren(el("option", { value: "" }, "no account"));
  options(select, byName([...accounts.values()]));
  const fill = () => {
    fields.title.value = room.call.title;
    fields.date.value = room.call.date ?? "";
    select.value = room.call.account_id ?? "";
    fields.consent.value = room.call.consent ?? "";
    // The server keeps an account once given; it can be changed, not taken away.
    select.options[0].disabled = room.call.account_id !== null;
  };
  fill();
  onSubmit(form, async () => {
    const { call } = room;
    const said = form.querySelector("[role=status]");
    const changes = {};
    const before = {};
    for (const name of ["title", "date", "account_id", "consent"]) {
      const value = fields[name].value;
      if (!value || value === call[name]) continue;
      changes[name] = value;
      if (call[name]) before[name] = call[name];
    }
    said.textContent = "";
    if (Object.keys(changes).length === 0) return;
    const whole = Object.keys(before).length === Object.keys(changes).length;
    try {
      await change(async () => {
        await patch(changes);
        return whole ? () => patch(before) : null;
      }, "Saved.");
      fill();
    } catch (problem) {
      said.textContent = problem.message;
    }
  });
}

export function startDeleting() {
  const dialog = byId("sure");
  byId("delete").addEventListener("click", () => {
    tell(byId("sure-trouble"), "");
    dialog.showModal();
    account();
  });
  byId("really").addEventListener("click", async () => {
    try {
      await api(path, { method: "DELETE" });
      location.replace("/calls");
    } catch (problem) {
      tell(byId("sure-trouble"), problem.message);
    }
  });
}

// What goes with the call, by the figures of the server.
async function account() {
  const list = byId("what-goes");
  try {
    const goes = await api(`${path}/erasure`);
    list.replaceChildren(...goes.sentences.map((sentence) => el("li", {}, sentence)));
  } catch (problem) {
    if (problem.status !== 404) tell(byId("sure-trouble"), problem.message);
  }
}
