// The questions that were asked, the newest first; each leads to its answer as it was given.

import { api } from "./api.js";
import { byId, el } from "./element.js";
import { moment, several } from "./format.js";
import { within } from "./within.js";

const PAGE = 12;

const list = byId("asked-list");
const more = byId("asked-more");
const said = byId("asked-said");
let open = () => {};

// `show(id)` shows an answer in this page.
export function startAsked(show) {
  open = show;
  more.addEventListener("click", () => read(list.lastElementChild?.dataset.answer));
}

export const loadAsked = () => read(null);

async function read(before) {
  const rest = before ? `&before=${encodeURIComponent(before)}` : "";
  try {
    const found = await api(`/api/answers?limit=${PAGE}${rest}`);
    const items = found.map(item);
    if (before) list.append(...items);
    else list.replaceChildren(...items);
    more.hidden = found.length < PAGE;
    said.textContent = list.childElementCount > 0 ? "" : "Nothing yet. What you ask is kept here.";
    if (before) items[0]?.querySelector("a").focus();
  } catch (problem) {
    said.textContent = problem.message;
  }
}

function item(line) {
  const made = el("li", {},
    el("a", { href: `/ask/${encodeURIComponent(line.id)}`, onclick: (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0) return; // another tab
      event.preventDefault();
      open(line.id);
    } }, line.question),
    el("span", { class: "quiet" }, 
      [moment(line.asked_at), line.statements_n > 0 && several(line.statements_n, "statement"), ...within(line.asked)].filter(Boolean).join(" · ")),
    el("button", { type: "button", class: "off", "data-needs": "editor", "aria-label": `Delete the answer to: ${line.question}`, onclick: () => confirmed(line, made) }, "×"));
  made.dataset.answer = line.id;
  return made;
}

function confirmed(line, made) {
  const box = byId("asked-delete");
  byId("asked-delete-what").textContent = line.question;
  box.returnValue = "";
  box.addEventListener("close", () => {
    if (box.returnValue === "delete") remove(line, made);
  }, { once: true });
  box.showModal();
}

async function remove(line, made) {
  const next = made.nextElementSibling ?? made.previousElementSibling;
  try {
    await api(`/api/answers/${encodeURIComponent(line.id)}`, { method: "DELETE" });
    made.remove();
    said.textContent = list.childElementCount > 0 ? "Deleted." : "Nothing yet. What you ask is kept here.";
    (next?.querySelector("a") ?? byId("asked-title")).focus();
  } catch (problem) {
    said.textContent = problem.message;
  }
}
