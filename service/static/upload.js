// Files to calls: each is sent, and its work is followed; stopped, or tried again, where somebody asks.

import { api, Problem } from "./api.js";
import { percent } from "./format.js";
import { loadCalls } from "./known.js";
import { cancel, follow, retry, running } from "./jobs.js";
import { may } from "./may.js";
import { abandon, isOf, sendFile, unfinished } from "./sending.js";
import { addRow, failed, offer, ready, remove, say, show, stopped } from "./work.js";

const LANES = 2; // uploads at once; the browser has six connections to this server in all
const LOOK_MS = 1500; // the list of calls is asked for at most so often

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

const queue = [];
const halves = []; // rows of files that an earlier page sent in part
let lanes = 0;
let looking = 0;

export const sending = () => lanes > 0 || queue.length > 0;

// What was under way before this page was opened; with `failures`, also what failed and was not put
// away. `choose()` lets a person choose the file of a half that is to go on.
export async function resume({ failures, choose }) {
  if (may("editor")) await showUnfinished(choose);
  const states = failures ? ["failed", "queued", "working"] : ["queued", "working"];
  const found = await Promise.all(states.map((state) => api(`/api/jobs?kind=ingest&state=${state}`)));
  const once = new Map(found.flat().map((job) => [job.job_id, job])); // it may change meanwhile
  const jobs = [...once.values()].sort((a, b) => Date.parse(a.created_at) - Date.parse(b.created_at));
  for (const job of jobs) {
    const row = addRow(job.file ?? "A file that was not kept");
    row.callId = job.call_id;
    track(row, job.job_id, job);
  }
}

// `about` is {account_id, date} of all of them, each empty where the file is to say.
export function take(files, about) {
  for (const file of files) {
    const half = halves.findIndex((row) => isOf(row.key, file));
    if (half >= 0) remove(halves.splice(half, 1)[0]);
    const row = addRow(file.name);
    row.upload = { file, about, stop: new AbortController() };
    enqueue(row);
  }
}

function enqueue(row) {
  show(row, "waiting", 0);
  offer(row, { words: "Cancel", act: () => drop(row) });
  queue.push(row);
  sendNext();
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
    look();
    if (jobId === null) ready(row, "here already");
    else track(row, jobId);
  } catch (problem) {
    if (stop.signal.aborted) return;
    if (!(problem instanceof Problem)) throw problem;
    // What the file itself did wrong, it would do wrong again.
    failed(row, problem.message, problem.status >= 500 ? () => enqueue(row) : null);
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
  remove(row);
  say(`${row.name} was not added.`);
}

// What a page began to send and did not end; the browser does not give it the file again.
async function showUnfinished(choose) {
  for (const { key, upload } of await unfinished()) {
    const row = addRow(upload.filename);
    const sent = upload.offset / upload.length;
    row.key = key;
    halves.push(row);
    show(row, `${percent(sent)} sent: choose the file again to go on`, sent);
    offer(row, { words: "Choose", act: choose, name: "Go on with" }, { words: "Cancel", act: () => dropHalf(row) });
  }
}

function dropHalf(row) {
  abandon(row.key).catch(() => {}); // else it expires
  halves.splice(halves.indexOf(row), 1);
  remove(row);
  say(`${row.name} was not added.`);
}

function track(row, jobId, job = null) {
  row.jobId = jobId;
  row.reached = 0;
  if (job) changed(row, job);
  else show(row, "waiting for its turn", 0);
  if (!job || running(job)) {
    // A refusal is that it ended in the meantime; the row shows how.
    offer(row, { words: "Cancel", act: () => cancel(jobId).catch((problem) => say(problem.message)) });
    follow(jobId, (now) => changed(row, now));
  }
}

function changed(row, job) {
  if (job.lost) return show(row, "connection lost, trying again …", row.reached);
  if (!running(job)) look();
  if (job.state === "done") return ready(row, "ready");
  // A file that cannot be used is not kept, and its job no longer names it.
  if (job.state === "failed") return failed(row, job.error ?? "It failed.", job.file ? () => workAgain(row) : null);
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

async function workAgain(row) {
  try {
    await retry(row.jobId);
    track(row, row.jobId);
  } catch (problem) {
    failed(row, problem.message);
  }
}

// The lines have said what matters; the list of calls follows, once for many of them.
function look() {
  looking ||= setTimeout(() => {
    looking = 0;
    loadCalls().catch(() => {});
  }, LOOK_MS);
}
