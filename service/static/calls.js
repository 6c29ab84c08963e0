// The table of calls.

import { callPage } from "./api.js";
import { byId, el } from "./element.js";
import { clock, day, DOUBTFUL } from "./format.js";
import { accountName, calls, onKnown } from "./known.js";

const STATES = { ready: "ready", working: "being heard", failed: "failed" };

export function startCalls() {
  onKnown(show);
}

function show() {
  const rows = [...calls.values()];
  byId("calls-table").tBodies[0].replaceChildren(...rows.map(line));
  byId("calls-table").hidden = rows.length === 0;
  byId("calls-none").hidden = rows.length > 0;
  byId("calls-n").textContent = rows.length > 0 ? rows.length.toLocaleString("en-US") : "";
}

function line(call) {
  const doubtful = call.speakers.some((speaker) => speaker.doubt >= DOUBTFUL);
  const names = call.speakers.map((speaker) => speaker.name).join(", ");
  return el(
    "tr",
    {},
    el("td", { class: "date" }, call.date ? el("time", { datetime: call.date }, day(call.date)) : "no date"),
    el("td", { class: "title" }, el("a", { href: callPage(call.call_id) }, call.title),
      call.has_audio && el("span", { class: "tag sound", title: "There is a recording to listen to" }, "sound")),
    el("td", { class: call.account_id ? "account" : "account lacking" }, accountName(call.account_id)),
    el("td", { class: "number" }, clock(call.duration_s)),
    el("td", { class: "people" }, names || "–",
      doubtful && el("a", { class: "tag doubt", href: callPage(call.call_id), title: "Somebody's role is a guess; check who is who" }, "check roles")),
    el("td", { class: `state ${call.state}` }, STATES[call.state] ?? call.state),
  );
}
