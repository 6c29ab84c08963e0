// What is picked for the memo: a list beside the answers, and a button with every statement.

import { api } from "./api.js";
import { reelButton } from "./clips.js";
import { byId, el } from "./element.js";
import { audible, onKnown } from "./known.js";

const list = byId("picks");
const said = byId("picks-said");
let picked = []; // as the server has them
const reel = byId("picks-reel");
const buttons = new Set(); // of statements that are shown: {button, key}

reel.append(...reelButton({ picks: true }));
onKnown(offerReel);

// Two statements are the same when they say the same of the same words.
const keyOf = (one) => JSON.stringify([one.text, one.quotes.map((q) => [q.call_id, q.utterance, q.text])]);

const pickOf = (key) => picked.find((pick) => keyOf(pick.statement) === key);

export async function loadPicks() {
  picked = await api("/api/picks");
  draw();
}

export const forgetButtons = () => buttons.clear();

// `where` is {answer_id, part, n}, as the server takes it.
export function pickButton(one, where) {
  const key = keyOf(one);
  const button = el("button", { type: "button", class: "link", "data-needs": "editor", onclick: async () => {
    const pick = pickOf(key);
    try {
      if (pick) await drop(pick);
      else await add(where);
      button.focus();
    } catch (problem) {
      said.textContent = problem.message;
    }
  } });
  buttons.add({ button, key });
  name(button, key);
  return button;
}

export async function add(where) {
  await api("/api/picks", { method: "POST", json: where });
  await loadPicks();
  said.textContent = "It will stand in the next memo that is drafted.";
}

async function drop(pick) {
  await api(`/api/picks/${encodeURIComponent(pick.id)}`, { method: "DELETE" });
  await loadPicks();
  said.textContent = "Taken out; it goes into no further memo.";
}

function draw() {
  byId("picks-empty").hidden = picked.length > 0;
  byId("picks-memo").hidden = picked.length === 0;
  offerReel();
  list.replaceChildren(...picked.map((pick) => el("li", {},
    pick.answer_id
      ? el("a", { href: `/ask/${encodeURIComponent(pick.answer_id)}`, title: pick.statement.text }, pick.statement.text)
      : el("span", { title: pick.statement.text }, pick.statement.text),
    el("button", { type: "button", class: "off", "aria-label": `Take out: ${pick.statement.text}`, onclick: async () => {
      try {
        await drop(pick);
        byId("picks-title").focus();
      } catch (problem) {
        said.textContent = problem.message;
      }
    } }, "×"))));
  for (const { button, key } of buttons) name(button, key);
}

function offerReel() {
  reel.hidden = !picked.some((pick) => pick.statement.quotes.some(audible));
}

function name(button, key) {
  const on = Boolean(pickOf(key));
  button.textContent = on ? "✓ In the memo" : "Add to memo";
  button.setAttribute("aria-pressed", on);
}
