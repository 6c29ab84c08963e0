// Sends a file in pieces by the tus protocol, so that a broken line, a stopped server or a closed
// page costs one piece at most: the same file chosen again goes on from where it was.

import { api, callApi, detail, Problem } from "./api.js";
import { signedOut } from "./connection.js";

const PIECE = 8 * 1024 * 1024;
const KNOWN = "firsthand-uploads"; // uploads under way, by the file's name, size and time of change
const LOCK = "firsthand-sends "; // held by the tab that sends the file
const KEPT = 100; // of them
const TRIES = 8; // at a server that answers, and only with errors that may pass
const PASSING = new Set([0, 408, 409, 423, 500, 503, 504]);

const address = (id) => `/api/uploads/${encodeURIComponent(id)}`;
const keyOf = (file) => [file.name, file.size, file.lastModified].join("|");

// Sends `file` and returns `{call_id, job_id}`. `tell(fraction)` hears how much has arrived, and
// `null` while the connection is lost. Throws a Problem, or the signal's reason when it is stopped.
export function sendFile(file, about, { tell, signal }) {
  const key = keyOf(file);
  // One tab sends a file; another that was given the same waits, and finds it here.
  return navigator.locks.request(LOCK + key, { signal }, () => sendWhole(key, file, about, { tell, signal }));
}

async function sendWhole(key, file, about, { tell, signal }) {
  let upload = null;
  let missed = 0;
  for (;;) {
    try {
      upload ??= (await standing(key)) ?? (await announce(key, file, about));
      if (signal.aborted) await abandon(key); // stopped before it was known what to stop
      signal.throwIfAborted();
      if (!upload.call_id) {
        tell(upload.offset / upload.length);
        upload = await sendPiece(file, upload, { tell, signal });
        missed = 0;
      }
      if (upload.call_id) {
        await correct(key, upload, about);
        forget(key);
        return upload;
      }
    } catch (problem) {
      signal.throwIfAborted();
      if (!(problem instanceof Problem)) throw problem;
      await stillThere(file);
      missed += 1;
      if (!PASSING.has(problem.status) || (problem.status !== 0 && missed > TRIES)) {
        // Of a full disk or a store that is away the bytes stay, to go on with; also until somebody
        // has signed in again.
        if (problem.status < 500 && problem.status !== 401) forget(key);
        throw problem;
      }
      upload = null; // how far it is, only the server knows
      if (problem.status === 0) tell(null);
      await pause(missed, signal);
    }
  }
}

// Makes the server forget what it has of a file; `named` is the file, or a key of `unfinished`.
export async function abandon(named) {
  const key = typeof named === "string" ? named : keyOf(named);
  const id = known()[key]?.id;
  forget(key);
  for (let left = 5; id && left > 0; left -= 1) {
    try {
      await api(address(id), { method: "DELETE", headers: { "Tus-Resumable": "1.0.0" } });
      return;
    } catch (problem) {
      if (problem.status !== 423) return; // gone already, or else it expires
      await new Promise((wake) => setTimeout(wake, 1000));
    }
  }
}

// What an earlier page began to send: `{key, upload}` for each that the server still knows and that
// no other tab is sending now.
export async function unfinished() {
  const found = [];
  const { held } = await navigator.locks.query();
  const under = new Set(held.map((lock) => lock.name));
  for (const key of Object.keys(known())) {
    if (under.has(LOCK + key)) continue;
    try {
      const upload = await standing(key);
      if (upload?.call_id) forget(key);
      else if (upload) found.push({ key, upload });
    } catch (problem) {
      if (problem.status >= 400 && problem.status < 500) forget(key); // it came to nothing
    }
  }
  return found;
}

export const isOf = (key, file) => key === keyOf(file);

async function standing(key) {
  const id = known()[key]?.id;
  if (!id) return null;
  try {
    return await api(address(id));
  } catch (problem) {
    if (problem.status !== 404) throw problem;
    forget(key);
    return null;
  }
}

async function announce(key, file, about) {
  const said = { filename: file.name, ...about };
  const metadata = Object.entries(said).filter(([, value]) => value).map(([name, value]) => `${name} ${base64(value)}`);
  const headers = { "Tus-Resumable": "1.0.0", "Upload-Length": String(file.size), "Upload-Metadata": metadata.join(",") };
  const upload = await api("/api/uploads", { method: "POST", headers });
  remember(key, { id: upload.upload_id, about });
  return upload;
}

// XMLHttpRequest, because fetch does not tell how much of a body has gone out.
function sendPiece(file, upload, { tell, signal }) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    const stop = () => request.abort();
    signal.addEventListener("abort", stop);
    request.upload.addEventListener("progress", (event) => tell((upload.offset + event.loaded) / upload.length));
    request.addEventListener("loadend", () => {
      signal.removeEventListener("abort", stop);
      const told = (name) => request.getResponseHeader(name);
      if (request.status === 401) signedOut();
      if (request.status !== 204) return reject(new Problem(detail(request.responseText, request.status), request.status));
      return resolve({ ...upload, offset: Number(told("Upload-Offset")), call_id: told("Upload-Call"), job_id: told("Upload-Job") });
    });
    request.open("PATCH", address(upload.upload_id));
    request.setRequestHeader("Tus-Resumable", "1.0.0");
    request.setRequestHeader("Upload-Offset", String(upload.offset));
    request.setRequestHeader("Content-Type", "application/offset+octet-stream");
    request.send(file.slice(upload.offset, upload.offset + PIECE));
  });
}

// Account and date are told when an upload begins; by the time it ends they may be others.
async function correct(key, upload, about) {
  const before = known()[key]?.about ?? about;
  const changes = Object.entries(about).filter(([name, value]) => value && value !== before[name]);
  if (changes.length > 0) await api(callApi(upload.call_id), { method: "PATCH", json: Object.fromEntries(changes) });
}

async function stillThere(file) {
  try {
    await file.slice(0, 1).arrayBuffer();
  } catch {
    throw new Problem(`${file.name} was changed or moved while it was sent; choose it again.`, 400);
  }
}

// Until the network is back, or for a while: half a second at first, half a minute at most.
function pause(times, signal) {
  return new Promise((resolve, reject) => {
    const end = () => {
      clearTimeout(timer);
      removeEventListener("online", end);
      signal.removeEventListener("abort", end);
      if (signal.aborted) reject(signal.reason);
      else resolve();
    };
    const timer = setTimeout(end, Math.min(30_000, 250 * 2 ** Math.min(times, 10)));
    addEventListener("online", end);
    signal.addEventListener("abort", end);
  });
}

const base64 = (text) => btoa(String.fromCharCode(...new TextEncoder().encode(text)));

const known = () => JSON.parse(localStorage.getItem(KNOWN) ?? "{}");

function remember(key, upload) {
  const all = Object.entries({ ...known(), [key]: upload });
  localStorage.setItem(KNOWN, JSON.stringify(Object.fromEntries(all.slice(-KEPT))));
}

function forget(key) {
  const all = known();
  delete all[key];
  localStorage.setItem(KNOWN, JSON.stringify(all));
}
