// One way to talk to the server: JSON in, JSON out, and errors as the sentence it gave.

import { lose, signedIn, signedOut } from "./connection.js";

export class Problem extends Error {
  constructor(detail, status) {
    super(detail);
    this.status = status;
  }
}

const SILENT = "The server does not answer. Is `firsthand serve` still running?";
export const BROKEN_OFF = "The answer broke off before its end. Ask again.";

export async function api(path, { method = "GET", json, body, type, headers: more, signal } = {}) {
  const headers = { Accept: "application/json", ...more };
  if (json !== undefined) headers["Content-Type"] = "application/json";
  else if (type) headers["Content-Type"] = type;
  const response = await send(path, { method, headers, body: json === undefined ? body : JSON.stringify(json), signal });
  const text = await response.text();
  return text ? JSON.parse(text) : null;
}

// A file to be saved, and what is to be known of it.
export async function file(path, json) {
  const post = { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(json) };
  const response = await send(path, json === undefined ? {} : post);
  return { blob: await response.blob(), note: response.headers.get("Firsthand-Note") ?? "" };
}

// What the server tells while it works, as [event, data] one by one. Ends early with `signal`.
export async function* events(path, json, signal) {
  const headers = { Accept: "text/event-stream", "Content-Type": "application/json" };
  const response = await send(path, { method: "POST", headers, body: JSON.stringify(json), signal });
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  for (;;) {
    let part;
    try {
      part = await reader.read();
    } catch {
      throw new Problem(BROKEN_OFF, 0);
    }
    if (part.done) return;
    text += part.value;
    const blocks = text.split(/\r?\n\r?\n/);
    text = blocks.pop();
    for (const block of blocks) {
      const fields = block.split(/\r?\n/).map((line) => line.match(/^(\w+): ?(.*)$/) ?? []);
      const data = fields.filter(([, name]) => name === "data").map(([, , value]) => value).join("\n");
      if (data) yield [fields.find(([, name]) => name === "event")?.[2], JSON.parse(data)];
    }
  }
}

// An admin who looks at a page with `?originals=1` sees private details as they are.
export const originals = new URLSearchParams(location.search).get("originals") === "1";
export const asShown = (path) => (originals ? `${path}${path.includes("?") ? "&" : "?"}originals=1` : path);

async function send(path, request) {
  let response;
  try {
    response = await fetch(asShown(path), request);
  } catch (error) {
    if (error.name === "AbortError") throw error; // called off by us
    lose();
    throw new Problem(SILENT, 0);
  }
  if (response.status === 401 && !location.pathname.startsWith("/sign-in")) signedOut();
  if (!response.ok) throw new Problem(detail(await response.text(), response.status), response.status);
  signedIn();
  return response;
}

// The sentence in an RFC 9457 problem document; the bare status where it is none.
export function detail(text, status) {
  if (status === 0) return SILENT;
  try {
    const told = JSON.parse(text).detail;
    if (typeof told === "string" && told) return told;
  } catch {
    // Not JSON: something other than Firsthand answered.
  }
  return `The server answered with status ${status}.`;
}

export const callApi = (id) => `/api/calls/${encodeURIComponent(id)}`;
export const callPage = (id) => `/calls/${encodeURIComponent(id)}`;
