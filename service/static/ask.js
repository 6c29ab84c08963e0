// The question and its answer. The address keeps the question while it is asked, then the answer:
// back, forward and reload show what was there, and the address is the link to share.

import { answerCard, summary } from "./answer.js";
import { api, BROKEN_OFF, events, Problem } from "./api.js";
import { loadAsked } from "./asked.js";
import { reelButton } from "./clips.js";
import { copy, copyText, titleOf } from "./copying.js";
import { byId, el } from "./element.js";
import { filters, fromAddress, setFilters, startFilters, toAddress } from "./filters.js";
import { moment, several } from "./format.js";
import { audible, calls, loadCalls } from "./known.js";
import { add, forgetButtons, pickButton } from "./picks.js";
import { sameQuote } from "./quote.js";
import { statementItem } from "./statements.js";
import { outward } from "./workspace.js";

const LONG_MS = 8000;

const form = byId("question");
const question = form.elements.q;
const said = byId("answer-said");
const place = byId("answer");
let turn = 0;
let asking = null; // stops the stream of the question before
let failed = false;

export function startAsking() {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    history.pushState(null, "", `/ask?${new URLSearchParams([["q", question.value], ...toAddress(filters())])}`);
    ask();
  });
  // With an answer on the page a filter applies at once.
  startFilters(() => place.childElementCount > 0 && question.value.trim() && form.requestSubmit());
  byId("stop").addEventListener("click", () => {
    begin();
    settle("Stopped.");
    question.focus();
  });
  addEventListener("popstate", show);
}

// What the address says: an answer that is kept, a question to be asked, or neither.
export async function show(event = null) {
  const [, id] = /^\/ask\/([^/]+)$/.exec(location.pathname) ?? [];
  if (id) return look(decodeURIComponent(id));
  const wanted = new URLSearchParams(location.search);
  const asked = wanted.get("q") ?? "";
  if (asked || event) question.value = asked; // else somebody may be typing already
  setFilters(fromAddress(wanted));
  if (asked) return ask();
  begin();
  settle("");
  place.replaceChildren();
  document.title = "Ask – Firsthand";
  return frame();
}

export function open(id) {
  history.pushState(null, "", `/ask/${encodeURIComponent(id)}`);
  return look(id);
}

export function askFor(words, within) {
  question.value = words;
  setFilters(within);
  question.focus();
  form.requestSubmit();
}

// After the server was away: what could not be had is asked for again.
export const retry = () => failed && show();

async function ask() {
  const [mine, signal] = begin();
  busy("Reading what they said …");
  const slow = setTimeout(() => {
    if (place.querySelector(".coming") === null) said.textContent = "Still reading; many calls take a while …";
  }, LONG_MS);
  try {
    const answer = await streamed({ question: question.value, filters: filters() }, signal, () => mine === turn);
    if (mine !== turn) return;
    if (answer.id) history.replaceState(null, "", `/ask/${encodeURIComponent(answer.id)}`);
    await put(answer, filters(), share(answer, null));
    if (mine !== turn) return;
    settle(summary(answer), answer.statements.length === 0); // a no says it itself
    loadAsked();
    // On a phone the filters fill the screen: bring the answer up to the reader.
    if (place.getBoundingClientRect().top > innerHeight * 0.6) place.scrollIntoView();
  } catch (problem) {
    if (mine === turn) fail(problem);
  } finally {
    clearTimeout(slow);
  }
}

// An answer as it was given.
async function look(id) {
  const [mine, signal] = begin();
  busy("Fetching the answer …");
  try {
    const kept = await api(`/api/answers/${encodeURIComponent(id)}`, { signal });
    if (mine !== turn) return;
    question.value = kept.answer.question;
    setFilters(kept.asked);
    await put(kept.answer, kept.asked, share(kept.answer, kept));
    if (mine === turn) settle(summary(kept.answer), true);
  } catch (problem) {
    if (mine === turn) fail(problem);
  }
}

// From here on nothing that was asked before is shown any more.
function begin() {
  asking?.abort();
  asking = new AbortController();
  failed = false;
  return [++turn, asking.signal];
}

function busy(words) {
  said.className = "said";
  said.textContent = words;
  byId("asking").hidden = false;
  place.setAttribute("aria-busy", "true");
  frame();
}

function settle(words, unseen = false) {
  byId("asking").hidden = true;
  place.setAttribute("aria-busy", "false");
  said.className = unseen ? "unseen" : "said";
  said.textContent = words;
  frame();
}

function fail(problem) {
  failed = problem.status === 0;
  settle("");
  place.replaceChildren(el("p", { class: "notice bad", role: "alert" }, problem.message));
  frame();
}

// Suggestions make room for an answer.
function frame() {
  byId("suggested").hidden = place.childElementCount > 0 || !byId("asking").hidden;
}

async function put(answer, asked, about) {
  if (quoted(answer).some((quote) => !calls.has(quote.call_id))) await loadCalls();
  forgetButtons();
  const act = (part, one, n) => el("p", { class: "acts" },
    answer.id && pickButton(one, { answer_id: answer.id, part, n }),
    copyButton("Copy", () => copy(titleOf(answer), [one])),
    answer.id && one.quotes.some(audible) && reelButton({ answer_id: answer.id, part, n }));
  replace(answerCard(answer, { about, act, asked, lift }));
  document.title = `${answer.question} – Ask – Firsthand`;
}

// Whoever is at a quote of an answer that is still coming goes on with it in the whole one.
function replace(card) {
  const here = document.activeElement;
  const within = place.contains(here);
  const fresh = [...card.querySelectorAll(".quote")];
  for (const used of place.querySelectorAll(".coming .quote")) {
    if (!used.contains(here) && used.querySelector(".playing, [aria-busy=true]") === null) continue;
    fresh.find((one) => sameQuote(one, used))?.replaceWith(used);
    used.closest("details")?.setAttribute("open", "");
  }
  place.replaceChildren(card);
  if (within) (card.contains(here) ? here : card.querySelector(".asked")).focus({ preventScroll: true });
}

function lift(names) {
  const left = Object.fromEntries(Object.entries(filters()).filter(([name]) => !names.includes(name)));
  askFor(question.value, left);
}

// What can be done with the whole answer; of one that is kept, when it was given and what came since.
function share(answer, kept) {
  const every = [...answer.statements, ...answer.counter];
  return el("div", { class: "given" },
    kept && el("p", { class: "quiet" }, `As it was given on ${moment(kept.asked_at)}. `,
      el("button", { type: "button", class: "link", onclick: () => form.requestSubmit() }, "Ask again")),
    kept?.withdrawn > 0 && el("p", { class: "notice" }, `${several(kept.withdrawn, "quote")} `,
      `${kept.withdrawn === 1 ? "was" : "were"} withdrawn since: the call was deleted or corrected. What rested on it is gone too.`),
    kept?.calls_since > 0 && el("p", { class: "notice" }, `${several(kept.calls_since, "call")} came in since. Ask again to hear them too.`),
    el("p", { class: "acts" },
      answer.id && answer.statements.length > 0 && copyDone(el("button", { type: "button", class: "link", "data-needs": "editor" }, "Add all to memo"),
        () => add({ answer_id: answer.id, part: "statements" }), "All in the memo"),
      every.length > 0 && copyButton("Copy with citations", () => copy(titleOf(answer), every)),
      every.length > 0 && copyButton("Copy as Markdown", () => copy(titleOf(answer), every, { markdown: true })),
      answer.id && copyButton("Copy link", () => copyText(outward(`/ask/${encodeURIComponent(answer.id)}`)))));
}

const copyButton = (words, act) => copyDone(el("button", { type: "button", class: "link" }, words), act, "Copied");

// The button says that it is done, or why not.
function copyDone(button, act, done) {
  const words = button.textContent;
  button.addEventListener("click", async () => {
    try {
      await act();
      button.textContent = `✓ ${done}`;
      said.textContent = `${done}.`;
    } catch (problem) {
      said.className = "said";
      said.textContent = problem.message;
    }
    setTimeout(() => { button.textContent = words; }, 2000);
  });
  return button;
}

// The whole answer. Until it is there, each statement is shown as it comes; the answer then takes
// their place, for only it knows their order and what was dropped.
async function streamed(asked, signal, current) {
  let list = null;
  for await (const [event, told] of events("/api/ask", asked, signal)) {
    if (event === "answer") return told;
    if (event === "problem") throw new Problem(told.detail, told.status);
    if (event !== "statement" || !current()) continue;
    if (list === null) {
      list = el("ol", { class: "statements" });
      place.replaceChildren(el("div", { class: "answer coming" }, list));
      place.setAttribute("aria-busy", "false");
      frame();
    }
    list.append(statementItem(told, list.childElementCount + 1));
    said.textContent = `Still answering; ${several(list.childElementCount, "sentence")} so far, in no order yet …`;
  }
  throw new Problem(BROKEN_OFF, 0);
}

function quoted(answer) {
  const every = [answer.statements, answer.counter, answer.internal, answer.nearest ?? []];
  return every.flat().flatMap((statement) => statement.quotes);
}
