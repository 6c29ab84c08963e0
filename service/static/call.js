// One call: what it is, who spoke, what was said, and the recording in step with it.

import { api, callApi } from "./api.js";
import { byName, options } from "./choices.js";
import { droppedList } from "./dropped.js";
import { byId, el, tell } from "./element.js";
import { clock, day, several } from "./format.js";
import { accountName, accounts, loadAccounts } from "./known.js";
import { showSpeakers } from "./speakers.js";
import { listen, pointAt, showTranscript } from "./transcript.js";

const callId = byId("main").dataset.call;
const path = callApi(callId);
let call = null;

try {
  [call] = await Promise.all([api(path), loadAccounts()]);
  showAll();
  listen(call);
  startEditing();
  pointAt(call, location);
  addEventListener("hashchange", () => pointAt(call, location));
} catch (problem) {
  tell(byId("trouble"), problem.message);
}
startDeleting();

function showAll() {
  document.title = `${call.title} – Firsthand`;
  byId("title").textContent = call.title;
  const heard = call.engine ? `heard by ${call.engine}${call.model ? ` (${call.model})` : ""}` : null;
  const facts = [
    day(call.date), call.account_id ? accountName(call.account_id) : "no account yet: its words count for nobody",
    clock(call.duration_s), several(call.utterances_n, "utterance"),
    call.has_audio ? heard : "came as a transcript",
    call.read_by && `read by ${call.read_by}`,
  ];
  byId("facts").textContent = facts.filter(Boolean).join(" · ");
  const state = { working: "This call is still being heard.", failed: "The work on this call failed; try it again on the first page." };
  byId("warnings").replaceChildren(
    ...[state[call.state], ...call.warnings].filter(Boolean).map((w) => el("li", { class: "notice" }, w)));
  byId("read-by").replaceChildren(...[droppedList(call.dropped,
    `${several(call.dropped.length, "thing")} that ${call.read_by} read in this call did not check out`, "dropped")].filter(Boolean));
  showSpeakers(call, async (label, fix) => {
    await api(path, { method: "PATCH", json: { speakers: { [label]: fix } } });
    call = await api(path); // also what was suggested changes with it
    showAll();
  });
  showTranscript(call);
}

function startEditing() {
  const form = byId("about");
  const fields = form.elements;
  const select = fields.account_id;
  select.replaceChildren(el("option", { value: "" }, "no account"));
  options(select, byName([...accounts.values()]));
  const fill = () => {
    fields.title.value = call.title;
    fields.date.value = call.date ?? "";
    select.value = call.account_id ?? "";
    // The server keeps an account once given; it can be changed, not taken away.
    select.options[0].disabled = call.account_id !== null;
  };
  fill();
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const said = form.querySelector("[role=status]");
    const changes = {};
    if (fields.title.value !== call.title) changes.title = fields.title.value;
    if (fields.date.value && fields.date.value !== call.date) changes.date = fields.date.value;
    if (select.value && select.value !== call.account_id) changes.account_id = select.value;
    said.textContent = "Saving …";
    try {
      call = { ...call, ...(await api(path, { method: "PATCH", json: changes })) };
      showAll();
      fill();
      said.textContent = "Saved.";
    } catch (problem) {
      said.textContent = problem.message;
    }
  });
}

function startDeleting() {
  const dialog = byId("sure");
  byId("delete").addEventListener("click", () => dialog.showModal());
  byId("really").addEventListener("click", async () => {
    try {
      await api(path, { method: "DELETE" });
      location.replace("/calls");
    } catch (problem) {
      tell(byId("sure-trouble"), problem.message);
    }
  });
}
