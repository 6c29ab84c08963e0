// Files to calls: drop or pick many, see each one's stage live, stop it, try it again.

import { api, callPage, Problem } from "./api.js";
import { byName, options } from "./choices.js";
import { byId, el } from "./element.js";
import { percent } from "./format.js";
import { accounts, loadCalls, onKnown } from "./known.js";
import { cancel, follow, forget, retry, running } from "./jobs.js";
import { abandon, isOf, sendFile, unfinished } from "./sending.js";

const LANES = 2; // uploads at once; the browser has six connections to this server in all
const SHOWN = ["failed", "queued", "working"]; // to who comes back

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
const halves = []; // rows of files that an earlier page sent in part
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

// What was under way before this page was opened, and what failed and was not put away.
export async function resume() {
  await showUnfinished();
  const found = await Promise.all(SHOWN.map((state) => api(`/api/jobs?kind=ingest&state=${state}`)));
  const once = new Map(found.flat().map((job) => [job.job_id, job])); // it may change meanwhile
  const jobs = [...once.values()].sort((a, b) => Date.parse(a.created_at) - Date.parse(b.created_at));
  for (const job of jobs) {
    const row = addRow(job.file ?? "A file that was not kept");
    row.callId = job.call_id;
    track(row, job.job_id, job);
  }
}

function take(files) {
  const about = { account_id: byId("add-account").value, date: byId("add-date").value };
  for (const file of files) {
    const half = halves.findIndex((row) => isOf(row.key, file));
    if (half >= 0) halves.splice(half, 1)[0].item.remove();
    const row = addRow(file.name);
    row.upload = { file, about, stop: new AbortController() };
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

async function send(row) {
  const { file, about, stop } = row.upload;
  const tell = (fraction) => {
    if (fraction === null) show(row, "connection lost, goes on by itself …", row.bar.value);
    else if (fraction < 1) show(row, `uploading ${percent(fraction)}`, fraction);
    else show(row, "storing", 1);
  };
  try {
    const { call_id: callId, job_id: jobId } = await sendFile(file, about, { tell, signal: stop.signal });
    row.callId = callId;
    loadCalls().catch(() => {}); // the table only; the row itself tells when the server is gone
    if (jobId === null) ready(row, "here already");
    else track(row, jobId);
  } catch (problem) {
    if (stop.signal.aborted) return;
    if (!(problem instanceof Problem)) throw problem;
    // What the file itself did wrong, it would do wrong again.
    failed(row, problem.message, problem.status >= 500 ? () => sendAgain(row) : null);
  } finally {
    lanes -= 1;
    sendNext();
  }
}

function drop(row) {
  const at = queue.indexOf(row);
  if (at >= 0) queue.splice(at, 1);
  row.upload.stop.abort();
  abandon(row.upload.file).catch(() => {}); // else it expires
  row.item.remove();
  said.textContent = `${row.name} was not added.`;
}

// What a page began to send and did not end; the browser does not give it the file again.
async function showUnfinished() {
  for (const { key, upload } of await unfinished()) {
    const row = addRow(upload.filename);
    const sent = upload.offset / upload.length;
    row.key = key;
    halves.push(row);
    show(row, `${percent(sent)} sent: choose the file again to go on`, sent);
    action(row, "Cancel", () => {
      abandon(key).catch(() => {}); // else it expires
      halves.splice(halves.indexOf(row), 1);
      row.item.remove();
    });
  }
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
  const words = row.item.className === "failed" ? "Do not show this again" : "Hide this line";
  return el("button", {
    type: "button", class: "plain", title: words, "aria-label": `Hide ${row.name}`,
    onclick: () => {
      row.item.remove();
      if (row.jobId && row.item.className === "failed") {
        forget(row.jobId).catch((problem) => { said.textContent = problem.message; });
      }
    },
  }, "×");
}
