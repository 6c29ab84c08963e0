// Reading by the language model: what waits for it, how far it has come, and what stopped it.

import { api } from "./api.js";
import { byId, el } from "./element.js";
import { percent, several } from "./format.js";
import { cancel, follow, retry, running } from "./jobs.js";

const STAGES = { reading: "reading the calls", themes: "sorting what it read into themes" };

const place = byId("reading");
let followed = null; // the job whose progress is shown
let ended = () => {};

// `then()` is called whenever a reading has ended: there may be new themes.
export function startReading(then = () => {}) {
  ended = then;
  return look().catch((problem) => tell(el("p", { class: "notice bad" }, problem.message)));
}

// Looks anew what waits; without a model there is nothing to show.
export async function look() {
  const now = await api("/api/reading");
  if (now.model === null || followed !== null) return;
  if (now.job && running(now.job)) watch(now.job, now.model);
  else if (now.waits) show(waiting(now));
  else show();
}

function waiting({ model, calls, job }) {
  const what = calls.length > 0
    ? `${several(calls.length, "call")} ${calls.length === 1 ? "is" : "are"} not read by ${model} yet.`
    : `${model} has not sorted all that it read into themes yet.`;
  const failed = job?.state === "failed";
  const act = failed ? () => retry(job.job_id) : () => api("/api/reading", { method: "POST" });
  return [
    failed && el("p", { class: "notice bad" }, job.error ?? "The reading failed."),
    el("p", { class: "row" }, el("span", {}, what),
      el("button", { type: "button", "data-needs": "editor", onclick: () => begin(act, model) }, failed ? "Try again" : "Read now")),
  ];
}

async function begin(act, model) {
  try {
    watch(await act(), model);
    place.querySelector("button")?.focus();
  } catch (problem) {
    show(el("p", { class: "notice bad" }, problem.message));
  }
}

function watch(job, model) {
  followed = job.job_id;
  const words = el("span", {});
  const bar = el("progress", { max: 1, value: 0, "aria-label": `Progress of the reading by ${model}` });
  const stop = el("button", { type: "button", "data-needs": "editor", onclick: () => cancel(job.job_id).catch((problem) => { words.textContent = problem.message; }) }, "Stop");
  show(el("p", { class: "row" }, words, stop), bar);
  const draw = (now) => {
    const stage = STAGES[now.stage] ?? "beginning";
    if (now.lost) words.textContent = "Connection lost, trying again …";
    else if (now.state === "queued") words.textContent = `Waiting for its turn to be read by ${model} …`;
    else words.textContent = `${model} is ${stage}${now.fraction > 0 && now.fraction < 1 ? `, ${percent(now.fraction)}` : ""} …`;
    if (!now.lost) bar.value = now.stage === "themes" ? 1 : now.fraction;
  };
  draw(job);
  follow(job.job_id, async (now) => {
    draw(now);
    if (now.lost || running(now)) return;
    followed = null;
    show();
    await Promise.all([look(), ended()]).catch((problem) => show(el("p", { class: "notice bad" }, problem.message)));
  });
}

function show(...content) {
  place.replaceChildren(...content.flat().filter(Boolean));
  place.hidden = place.childElementCount === 0;
}
