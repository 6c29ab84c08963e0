// Follows jobs by server-sent events, one stream at a time, the oldest job first: that is the
// order in which the server works, and a browser opens only six connections to one server.

import { api, Problem } from "./api.js";

const waiting = [];
let current = null;

export const running = (job) => job.state === "queued" || job.state === "working";

// `tell(job)` is called at every change until the job ends; `tell({lost: true})` while the
// connection is broken.
export function follow(jobId, tell) {
  waiting.push({ jobId, tell });
  next();
}

// The answer to cancelling, which need not wait for the stream.
export async function cancel(jobId) {
  const job = await api(`/api/jobs/${encodeURIComponent(jobId)}/cancel`, { method: "POST" });
  const at = waiting.findIndex((one) => one.jobId === jobId);
  if (at >= 0) {
    const [one] = waiting.splice(at, 1);
    one.tell(job);
  }
}

export const retry = (jobId) =>
  api(`/api/jobs/${encodeURIComponent(jobId)}/retry`, { method: "POST" });

// Takes a job that ended off the list of every page.
export const forget = (jobId) =>
  api(`/api/jobs/${encodeURIComponent(jobId)}`, { method: "DELETE" });

function next() {
  if (current !== null || waiting.length === 0) return;
  current = waiting.shift();
  const { jobId, tell } = current;
  const stream = new EventSource(`/api/jobs/${encodeURIComponent(jobId)}/events`);
  const finish = () => {
    stream.close();
    current = null;
    next();
  };
  stream.addEventListener("job", (event) => {
    const job = JSON.parse(event.data);
    tell(job);
    if (!running(job)) finish();
  });
  stream.addEventListener("error", async () => {
    if (stream.readyState !== EventSource.CLOSED) {
      tell({ lost: true }); // the browser connects again by itself
      return;
    }
    // Refused for good: ask once more, plainly, to have a sentence to show.
    try {
      tell(await api(`/api/jobs/${encodeURIComponent(jobId)}`));
    } catch (problem) {
      if (!(problem instanceof Problem)) throw problem;
      tell({ state: "failed", error: problem.message });
    }
    finish();
  });
}
