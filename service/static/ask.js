// The question, its filters, and the answer. The address keeps both, so that back and reload work.

import { answerCard, comingStatement, summary } from "./answer.js";
import { BROKEN_OFF, events, Problem } from "./api.js";
import { byName, options } from "./choices.js";
import { byId, el } from "./element.js";
import { several } from "./format.js";
import { accounts, calls, loadCalls, onKnown } from "./known.js";

const form = byId("question");
const said = byId("answer-said");
const place = byId("answer");
let turn = 0;
let asking = null; // stops the stream of the question before

export function startAsking() {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    history.pushState(null, "", address());
    ask();
  });
  form.querySelector("[data-ask]").addEventListener("click", (event) => {
    form.elements.q.value = event.currentTarget.textContent;
    form.requestSubmit();
  });
  // With an answer on the page a filter applies at once.
  form.addEventListener("change", (event) => {
    mark();
    if (event.target !== form.elements.q && place.childElementCount > 0) form.requestSubmit();
  });
  addEventListener("popstate", fromAddress);
  onKnown(fillFilters);
}

export function fromAddress() {
  const wanted = new URLSearchParams(location.search);
  form.elements.q.value = wanted.get("q") ?? "";
  form.elements.top.checked = wanted.get("top") === "20";
  for (const name of ["tier", "segment", "region", "account"]) {
    form.elements[name].value = wanted.get(name) ?? "";
  }
  mark();
  if (form.elements.q.value) ask();
  else {
    turn += 1;
    asking?.abort();
    place.setAttribute("aria-busy", "false");
    place.replaceChildren();
    said.textContent = "";
  }
}

function address() {
  const fields = [...new FormData(form)].filter(([, value]) => value);
  return `/ask?${new URLSearchParams(fields)}`;
}

async function ask() {
  const mine = ++turn;
  const fields = form.elements;
  const filters = {
    top: fields.top.checked ? 20 : null,
    tier: fields.tier.value || null,
    segment: fields.segment.value || null,
    region: fields.region.value || null,
    accounts: fields.account.value ? [fields.account.value] : null,
  };
  asking?.abort();
  asking = new AbortController();
  said.className = "said";
  said.textContent = "Reading what they said …";
  place.setAttribute("aria-busy", "true");
  try {
    const answer = await streamed({ question: fields.q.value, filters }, asking.signal, () => mine === turn);
    if (mine !== turn) return;
    if (quoted(answer).some((quote) => !calls.has(quote.call_id))) await loadCalls();
    place.replaceChildren(answerCard(answer));
    said.textContent = summary(answer);
    said.className = answer.statements.length === 0 ? "unseen" : "said"; // the answer says it itself
    // On a phone the filters fill the screen: bring the answer up to the reader.
    if (place.getBoundingClientRect().top > innerHeight * 0.6) place.scrollIntoView();
  } catch (problem) {
    if (mine !== turn) return;
    said.textContent = "";
    place.replaceChildren(el("p", { class: "notice bad", role: "alert" }, problem.message));
  } finally {
    if (mine === turn) place.setAttribute("aria-busy", "false");
  }
}

// The whole answer. Until it is there, each statement is shown as it comes; the answer then takes
// their place, for only it knows their order and what was dropped.
async function streamed(question, signal, current) {
  let list = null;
  for await (const [event, told] of events("/api/ask", question, signal)) {
    if (event === "answer") return told;
    if (event === "problem") throw new Problem(told.detail, told.status);
    if (event !== "statement" || !current()) continue;
    if (list === null) {
      list = el("ol", { class: "statements" });
      place.replaceChildren(el("div", { class: "answer coming" }, list));
      place.setAttribute("aria-busy", "false");
    }
    list.append(comingStatement(told, list.childElementCount + 1));
    said.textContent = `Still answering; ${several(list.childElementCount, "sentence")} so far, in no order yet …`;
  }
  throw new Problem(BROKEN_OFF, 0);
}

function quoted(answer) {
  const every = [answer.statements, answer.counter, answer.internal, answer.nearest ?? []];
  return every.flat().flatMap((statement) => statement.quotes);
}

function fillFilters() {
  const rows = [...accounts.values()];
  form.querySelector(".filters").hidden = rows.length === 0;
  for (const name of ["tier", "segment", "region"]) {
    const values = [...new Set(rows.map((row) => row[name]).filter(Boolean))].sort();
    options(form.elements[name], values.map((value) => [value, value]));
    form.elements[name].closest("label").hidden = values.length === 0;
  }
  options(form.elements.account, byName(rows));
}

function mark() {
  for (const label of form.querySelectorAll(".chip, .pick")) {
    const field = label.querySelector("input, select");
    label.classList.toggle("on", field.type === "checkbox" ? field.checked : Boolean(field.value));
  }
}
