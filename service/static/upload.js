// Files to calls: drop or pick many, see each one's stage live, stop it, try it again.

import { api, callPage, detail } from "./api.js";
import { byName, options } from "./choices.js";
import { byId, el } from "./element.js";
import { percent } from "./format.js";
import { accounts, loadCalls, onKnown } from "./known.js";
import { cancel, follow, retry, running } from "./jobs.js";

const LANES = 2; // uploads at once; the browser has six connections to this server in all
const FAILED_SHOWN_MS = 24 * 3600 * 1000; // how long a failure is shown to who comes back
const HIDDEN = "firsthand-hidden-jobs";

// What a person reads for each stage, and its rough share of the work on a recording.
const STAGES = {
  store: ["storing", 1],
  decode: ["reading the sound", 3],
  transcribe: ["hearing the words", 60],
  diarize: ["telling the voices apart", 25],
  speakers: ["working out who is who", 2],
  evidence: ["noting what matters", 2],
  index: ["making it findable", 7],
};

const list = byId("work");
const said = byId("work-said");
const queue = [];
let lanes = 0;

export function startUploading() {
  const picker = byId("files");
  for (const button of document.querySelectorAll("[data-pick]")) {
    button.addEventListener("click", () => picker.click());
  }
  picker.addEventListener("change", () => {
    take(picker.files);
    picker.value = "";
  });
  const drop = byId("drop");
  addEventListener("dragover", (event) => {
    if (!event.dataTransfer.types.includes("Files")) return;
    event.preventDefault();
    drop.classList.add("over");
  });
  addEventListener("dragleave", (event) => {
    if (event.relatedTarget === null) drop.classList.remove("over");
  });
  addEventListener("drop", (event) => {
    if (!event.dataTransfer.types.includes("Files")) return;
    event.preventDefault(); // else the browser opens the file in place of the page
    drop.classList.remove("over");
    take(event.dataTransfer.files);
  });
  byId("clear").addEventListener("click", () => {
    for (const button of list.querySelectorAll(".done .plain, .stopped .plain")) button.click();
    count();
  });
  onKnown(() => options(byId("add-account"), byName([...accounts.values()])));
}

// What was under way before this page was opened, and what failed lately.
export async function resume() {
  const hidden = hiddenJobs();
  const jobs = (await api("/api/jobs")).filter((job) => job.kind === "ingest").reverse();
  for (const job of jobs) {
    const lately = Date.now() - Date.parse(job.updated_at) < FAILED_SHOWN_MS;
    if (!running(job) && !(job.state === "failed" && lately && !hidden.includes(job.job_id))) continue;
    const row = addRow(job.file ?? "A file that was not kept");
    row.callId = job.call_id;
    track(row, job.job_id, job);
  }
}

function take(files) {
  const about = { account_id: byId("add-account").value, date: byId("add-date").value };
  for (const file of files) {
    const row = addRow(file.name);
    row.upload = { file, about };
    show(row, "waiting", 0);
    action(row, "Cancel", () => drop(row));
    queue.push(row);
  }
  sendNext();
}

function addRow(name) {
  const row = {
    name, step: el("span", { class: "step" }), bar: el("progress", { max: 1, value: 0, "aria-label": `Progress of ${name}` }),
    end: el("span", { class: "end" }), reached: 0, final: "",
  };
  row.item = el("li", {}, el("span", { class: "file" }, name), row.step, row.bar, row.end);
  list.append(row.item);
  return row;
}

function sendNext() {
  while (lanes < LANES && queue.length > 0) {
    lanes += 1;
    send(queue.shift());
  }
}

// XMLHttpRequest, because fetch does not tell how much of a body has gone out.
function send(row) {
  const { file, about } = row.upload;
  const form = new FormData();
  for (const [name, value] of Object.entries(about)) if (value) form.append(name, value);
  form.append("file", file);
  const request = new XMLHttpRequest();
  row.request = request;
  request.upload.addEventListener("progress", (event) => {
    if (event.lengthComputable) show(row, `uploading ${percent(event.loaded / event.total)}`, 0);
  });
  request.upload.addEventListener("load", () => show(row, "storing", 0));
  request.addEventListener("loadend", () => {
    lanes -= 1;
    sendNext();
    if (row.gone) return;
    if (request.status !== 202) {
      // What the file itself did wrong, it would do wrong again.
      const again = request.status === 0 || request.status >= 500 ? () => sendAgain(row) : null;
      return failed(row, detail(request.responseText, request.status), again);
    }
    const accepted = JSON.parse(request.responseText);
    row.callId = accepted.call_id;
    loadCalls().catch(() => {}); // the table only; the row itself tells when the server is gone
    if (accepted.job_id === null) ready(row, "here already");
    else track(row, accepted.job_id);
  });
  request.open("POST", "/api/calls");
  request.setRequestHeader("Accept", "application/json");
  show(row, "uploading", 0);
  request.send(form);
}

function drop(row) {
  row.gone = true;
  const at = queue.indexOf(row);
  if (at >= 0) queue.splice(at, 1);
  row.request?.abort();
  row.item.remove();
  said.textContent = `${row.name} was not added.`;
}

function track(row, jobId, job = null) {
  row.jobId = jobId;
  row.reached = 0;
  if (job) changed(row, job);
  else show(row, "waiting for its turn", 0);
  if (!job || running(job)) {
    action(row, "Cancel", async () => {
      try {
        await cancel(jobId);
      } catch (problem) {
        said.textContent = problem.message; // it ended in the meantime; the row shows how
      }
    });
    follow(jobId, (now) => changed(row, now));
  }
}

function changed(row, job) {
  if (job.lost) return show(row, "connection lost, trying again …", row.reached);
  if (job.state === "done") return ready(row, "ready");
  if (job.state === "failed") {
    // A file that cannot be used is not kept, and its job no longer names it.
    return failed(row, job.error ?? "It failed.", job.file ? () => workAgain(row) : null);
  }
  if (job.state === "cancelled") return stopped(row);
  if (job.state === "queued") return show(row, "waiting for its turn", 0);
  const [words] = STAGES[job.stage] ?? [job.stage ?? "starting"];
  const part = job.fraction > 0 && job.fraction < 1 ? ` ${percent(job.fraction)}` : "";
  row.reached = Math.max(row.reached, overall(job));
  return show(row, `${words}${part}`, row.reached);
}

function overall(job) {
  let before = 0;
  let total = 0;
  for (const [name, [, share]] of Object.entries(STAGES)) {
    if (name === job.stage) before = total + share * job.fraction;
    total += share;
  }
  return before / total;
}

function show(row, words, value) {
  row.step.textContent = words;
  row.bar.value = value;
}

function ready(row, words) {
  settle(row, "done", words);
  row.end.replaceChildren(el("a", { href: callPage(row.callId) }, "Open"), " ", dismiss(row));
}

function failed(row, sentence, again = null) {
  settle(row, "failed", sentence);
  const button = again && el("button", { type: "button", onclick: () => revive(row, again), "aria-label": `Try ${row.name} again` }, "Try again");
  row.end.replaceChildren(...(button ? [button, " "] : []), dismiss(row));
}

function revive(row, again) {
  row.item.className = "";
  row.bar.hidden = false;
  again();
}

function sendAgain(row) {
  show(row, "waiting", 0);
  action(row, "Cancel", () => drop(row));
  queue.push(row);
  sendNext();
}

async function workAgain(row) {
  try {
    await retry(row.jobId);
    track(row, row.jobId);
  } catch (problem) {
    failed(row, problem.message);
  }
}

function stopped(row) {
  settle(row, "stopped", "stopped by you");
  row.end.replaceChildren(dismiss(row));
}

function settle(row, kind, words) {
  row.item.className = kind;
  row.bar.hidden = true;
  row.step.textContent = words;
  said.textContent = `${row.name}: ${words}`;
  count();
  loadCalls().catch(() => {}); // the row has said what matters
}

// Many finished lines are put away at once; failures stay until each is read.
function count() {
  byId("clear").hidden = list.querySelectorAll(".done, .stopped").length < 3;
}

function action(row, words, act) {
  row.end.replaceChildren(el("button", { type: "button", onclick: act, "aria-label": `${words} ${row.name}` }, words));
}

function dismiss(row) {
  return el("button", {
    type: "button", class: "plain", title: "Hide this line", "aria-label": `Hide ${row.name}`,
    onclick: () => {
      row.item.remove();
      if (row.jobId) localStorage.setItem(HIDDEN, JSON.stringify([...hiddenJobs(), row.jobId].slice(-200)));
    },
  }, "×");
}

function hiddenJobs() {
  return JSON.parse(localStorage.getItem(HIDDEN) ?? "[]");
}
