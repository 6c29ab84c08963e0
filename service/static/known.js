// The accounts and calls this page knows, by id, and who wants to hear when they change.

import { api } from "./api.js";
import { el } from "./element.js";

export const accounts = new Map();
export const calls = new Map();
const listeners = [];

export const onKnown = (listener) => listeners.push(listener);

export async function loadAccounts(rows = null) {
  fill(accounts, rows ?? (await api("/api/accounts")), "account_id");
}

export async function loadCalls(rows = null) {
  fill(calls, rows ?? (await api("/api/calls")), "call_id");
}

export const accountName = (id) => (id ? (accounts.get(id)?.name ?? id) : "no account");

export const accountLink = (id) =>
  id ? el("a", { href: `/accounts/${encodeURIComponent(id)}` }, el("bdi", {}, accountName(id))) : accountName(id);

function fill(map, rows, key) {
  map.clear();
  for (const row of rows) map.set(row[key], row);
  for (const listener of listeners) listener();
}
