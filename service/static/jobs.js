// Follows jobs by server-sent events: one stream for the whole page, whatever the number of jobs,
// since a browser opens only six connections to one server. It goes on by itself after the server
// was away, from the last event it had: nothing that ended meanwhile is missed.

import { api } from "./api.js";
import { isOut } from "./connection.js";

const AGAIN_MS = 2000; // before a stream that the browser gave up is asked for again
const OUT_MS = 10_000; // the same while signed out

const followed = new Map(); // job id: those to tell
const seen = new Set(); // ids of jobs that the stream has told of, followed or not
let stream = null;
let lastId = "";

export const running = (job) => job.state === "queued" || job.state === "working";

// `tell(job)` is called at every change until the job ends; `tell({lost: true})` while the
// connection is broken.
export function follow(jobId, tell) {
  followed.set(jobId, [...(followed.get(jobId) ?? []), tell]);
  if (stream === null) open();
  else if (seen.has(jobId)) look(jobId); // what it told before this, it does not tell again
}

// The answer to cancelling, which need not wait for the stream.
export async function cancel(jobId) {
  heard(await api(`/api/jobs/${encodeURIComponent(jobId)}/cancel`, { method: "POST" }));
}

export const retry = (jobId) =>
  api(`/api/jobs/${encodeURIComponent(jobId)}/retry`, { method: "POST" });

// Takes a job that ended off the list of every page.
export const forget = (jobId) =>
  api(`/api/jobs/${encodeURIComponent(jobId)}`, { method: "DELETE" });

function open() {
  const mine = new EventSource(`/api/jobs/events${lastId ? `?after=${encodeURIComponent(lastId)}` : ""}`);
  stream = mine;
  mine.addEventListener("job", (event) => {
    lastId = event.lastEventId;
    const job = JSON.parse(event.data);
    seen.add(job.job_id);
    heard(job);
  });
  mine.addEventListener("error", () => {
    for (const tells of followed.values()) for (const tell of tells) tell({ lost: true });
    // Is the server away, or are we signed out? What asks says it in the page.
    api("/api/session").catch(() => {}).finally(() => {
      // The browser connects again by itself, but where it gave up.
      setTimeout(() => { if (stream === mine && mine.readyState === EventSource.CLOSED) open(); }, isOut() ? OUT_MS : AGAIN_MS);
    });
  });
}

function heard(job) {
  const tells = followed.get(job.job_id) ?? [];
  if (!running(job)) followed.delete(job.job_id);
  for (const tell of tells) tell(job);
  if (followed.size === 0 && stream !== null) {
    stream.close();
    stream = null;
  }
}

async function look(jobId) {
  try {
    heard(await api(`/api/jobs/${encodeURIComponent(jobId)}`));
  } catch {
    // The stream tells of it, or that the connection is lost.
  }
}
