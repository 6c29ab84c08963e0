// The accounts and calls this page knows, by id, and who wants to hear when they change.

import { api } from "./api.js";
import { el } from "./element.js";

export const accounts = new Map();
export const calls = new Map();
const listeners = [];
let coming = null; // the calls that are being fetched

export const onKnown = (listener) => listeners.push(listener);

export async function loadAccounts(rows = null) {
  fill(accounts, rows ?? (await api("/api/accounts")), "account_id");
}

// Whoever asks for the calls while they are on their way waits for those.
export async function loadCalls(rows = null) {
  if (rows === null) {
    coming ??= api("/api/calls").finally(() => { coming = null; });
    rows = await coming;
  }
  fill(calls, rows, "call_id");
}

// Whether the quote's moment can be played.
export const audible = (quote) => Boolean(calls.get(quote.call_id)?.has_audio) && quote.start_s !== null;

export const accountName = (id) => (id ? (accounts.get(id)?.name ?? id) : "no account");

export const accountLink = (id) =>
  id ? el("a", { href: `/accounts/${encodeURIComponent(id)}` }, el("bdi", {}, accountName(id))) : accountName(id);

function fill(map, rows, key) {
  map.clear();
  for (const row of rows) map.set(row[key], row);
  for (const listener of listeners) listener();
}
