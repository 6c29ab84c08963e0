// What is being heard, read and drafted now: one line for all of it, and the files at work.

import { byId, el, fill } from "./element.js";
import { percent, several } from "./format.js";
import { follow, running } from "./jobs.js";

const NAMED = 3; // files at work that are shown by name
const DOING = { ingest: "being heard", memo: "being drafted", read: "being read by the model" };

const jobs = new Map(); // those followed, as last told, until all have ended

// `changed()` is called whenever a job has ended.
export function atWork(place, home, changed) {
  for (const job of home.jobs) {
    if (jobs.has(job.job_id)) continue;
    jobs.set(job.job_id, job);
    follow(job.job_id, (now) => {
      if (now.lost) return;
      jobs.set(job.job_id, now);
      show(place, home.jobs_failed);
      if (!running(now)) changed();
    });
  }
  show(place, home.jobs_failed);
}

function show(place, failedBefore) {
  const all = [...jobs.values()];
  const left = all.filter(running);
  if (left.length === 0) jobs.clear();
  const failed = failedBefore > 0 && el("p", { class: "notice" }, `${several(failedBefore, "file or draft", "files or drafts")} failed. `, el("a", { "data-needs": "editor", href: "/calls" }, "See why"));
  byId("at-work").hidden = left.length === 0 && !failed;
  const done = all.length - left.length;
  fill(
    place,
    left.length > 0 && el("p", { role: "status" }, left.length === 1 && all.length === 1 ? told(left[0]) : `${done} of ${all.length} done`),
    left.length > 0 && el("progress", { max: all.length, value: done + left.reduce((sum, job) => sum + job.fraction, 0), "aria-label": "Progress of all that is under way" }),
    all.length > 1 && el("ul", { class: "at-work-files" }, left.filter((job) => job.state === "working").slice(0, NAMED).map((job) => el("li", {}, told(job)))),
    failed,
  );
}

function told(job) {
  const what = job.file ?? { memo: "The memo", read: "What was added" }[job.kind] ?? "A file";
  if (job.state === "queued") return `${what}: waits for its turn`;
  return `${what}: ${DOING[job.kind] ?? "at work"}${job.fraction > 0 && job.fraction < 1 ? `, ${percent(job.fraction)}` : ""}`;
}
