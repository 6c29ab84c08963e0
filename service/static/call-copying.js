// Words of a call as a cited quote, on the clipboard.

import { callPage } from "./api.js";
import { callId, room, speakerOf } from "./call-data.js";
import { clock, day } from "./format.js";
import { accountName } from "./known.js";
import { say } from "./toast.js";
import { outward } from "./workspace.js";

// “words” — Name, Account, title of the call, date, 12:34, link to the moment
export function cited(utterance, words) {
  const { call } = room;
  const told = [
    speakerOf(utterance.speaker).name, call.account_id && accountName(call.account_id), call.title,
    call.date && day(call.date), clock(utterance.start_s), linkTo(utterance),
  ];
  return `“${words}” — ${told.filter(Boolean).join(", ")}`;
}

export function linkTo(utterance) {
  const at = utterance.start_s === null ? "" : `?t=${utterance.start_s}`;
  return outward(`${callPage(callId)}${at}#u${utterance.i}`);
}

export async function copy(text, done) {
  try {
    await navigator.clipboard.writeText(text);
    say(done);
  } catch (problem) {
    // No clipboard for pages that came over plain HTTP from another machine.
    say(`The browser keeps its clipboard from this page (${problem.message}). Here it is: ${text}`, null, true);
  }
}
