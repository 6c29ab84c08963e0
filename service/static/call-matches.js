// The accounts that calls without one may belong to, by the addresses of their customers. Only offered.

import { api } from "./api.js";
import { calls, onKnown } from "./known.js";

const matches = new Map(); // by call

export const matchOf = (call) => matches.get(call.call_id);

// Tells `then` when there are others than before.
export function startMatches(then) {
  let asked = "";
  onKnown(async () => {
    const without = [...calls.values()].filter((call) => !call.account_id).map((call) => call.call_id).join();
    if (without === asked) return;
    asked = without;
    const found = without ? await api("/api/crm/calls").catch(() => []) : []; // without them the room is whole
    matches.clear();
    for (const one of found) matches.set(one.call_id, one);
    then();
  });
}
