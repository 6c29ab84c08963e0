// The call that this page shows, its evidence, and every way to change them. Modules that show
// something of it listen with `onCall`.

import { api, callApi } from "./api.js";
import { byId } from "./element.js";
import { say } from "./toast.js";

export const KINDS = ["pain", "request", "praise", "risk", "competitor"];

export const callId = byId("main").dataset.call;
export const path = callApi(callId);
export const room = { call: null, items: [], byLine: new Map() };

const listeners = [];
let asked = 0;
let known = ""; // what is shown

export const onCall = (listener) => listeners.push(listener);

export const speakerOf = (label) =>
  room.call.speakers.find((one) => one.label === label) ?? { label, name: label, role: "" };

// An item that counts: neither taken out by a person nor passed over by the model.
export const counts = (item) => item.status !== "rejected" && item.status !== "lost" && !item.missed;

// What the server has now. Answers that come too late are dropped. Whoever only looks gives
// `isWriting`: what is the same is not drawn again then, nor over somebody who writes by then.
export async function load(isWriting = null) {
  const mine = ++asked;
  const [call, items] = await Promise.all([api(path), api(`${path}/evidence`)]);
  const told = JSON.stringify([call, items]);
  if (mine !== asked || (isWriting && (told === known || isWriting()))) return;
  known = told;
  room.call = call;
  room.items = items;
  room.byLine = Map.groupBy(items.filter((item) => item.utterance !== null), (item) => item.utterance);
  for (const listener of listeners) listener();
}

// Does something, shows what came of it, and offers the way back that `work()` gives, if any.
// Throws the server's sentence.
export async function change(work, done) {
  say("Saving; what follows from it is computed anew …");
  let back = null;
  try {
    back = await work();
    await load();
  } catch (problem) {
    say("");
    throw problem;
  }
  say(done, back && (() => change(async () => { await back(); }, "Taken back.")));
}

// Corrects the call; the server knows the way back.
export const correct = (json, done) => change(async () => {
  const { undo } = await api(path, { method: "PATCH", json });
  return undo && (() => api(`${path}/undo?id=${undo.id}`, { method: "POST" }));
}, done);

export const correctLine = (i, fix, done) => correct({ utterances: { [i]: fix } }, done);

const item = (id) => `/api/evidence/${encodeURIComponent(id)}`;

export const addEvidence = (utterance, kind, words) => change(async () => {
  const { id } = await api(`${path}/evidence`, { method: "POST", json: { utterance, kind, words } });
  return () => restore(id);
}, `Kept as ${kind}.`);

export const rekind = (id, kind) => change(async () => {
  await api(item(id), { method: "PATCH", json: { kind } });
  return () => restore(id);
}, `It is ${kind} now.`);

export const reject = (id) => change(async () => {
  await api(item(id), { method: "DELETE" });
  return () => restore(id);
}, "It is no evidence any more.");

export const countAgain = (id) => change(async () => {
  await restore(id);
  return () => api(item(id), { method: "DELETE" });
}, "It is evidence again.");

export const forget = (id) => change(async () => { await restore(id); }, "It is let go.");

const restore = (id) => api(`${item(id)}/restore`, { method: "POST" });
