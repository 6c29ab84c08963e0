// One way to talk to the server: JSON in, JSON out, and errors as the sentence it gave.

export class Problem extends Error {
  constructor(detail, status) {
    super(detail);
    this.status = status;
  }
}

const SILENT = "The server does not answer. Is `firsthand serve` still running?";

export async function api(path, { method = "GET", json, body, type } = {}) {
  const headers = { Accept: "application/json" };
  if (json !== undefined) headers["Content-Type"] = "application/json";
  else if (type) headers["Content-Type"] = type;
  let response;
  try {
    response = await fetch(path, {
      method,
      headers,
      body: json === undefined ? body : JSON.stringify(json),
    });
  } catch {
    throw new Problem(SILENT, 0);
  }
  const text = await response.text();
  if (!response.ok) throw new Problem(detail(text, response.status), response.status);
  return text ? JSON.parse(text) : null;
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
