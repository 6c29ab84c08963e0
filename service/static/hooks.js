// Webhooks, for admins: who is told what happens here, and whether it arrives.

import { api } from "./api.js";
import { copyText } from "./copying.js";
import { byId, el, fill, onSubmit, tell } from "./element.js";
import { moment, several } from "./format.js";

const EVENTS = {
  "call.ready": "a call is ready", "theme.gained_account": "a theme gains an account",
  "risk.heard": "somebody speaks of leaving", "memo.drafted": "a memo is drafted",
};
const hookApi = (hook, act = "") => `/api/hooks/${encodeURIComponent(hook.id)}${act}`;

const form = byId("hook-new");
const history = byId("hook-history");
const sure = byId("hook-sure");

export async function loadHooks() {
  try {
    const found = await api("/api/hooks");
    fill(byId("hooks-list"), found.map(line));
    byId("hooks-none").hidden = found.length > 0;
    if (history.open) await loadDeliveries();
  } catch (problem) {
    say(problem.message);
  }
}

export function startHooks() {
  onSubmit(form, add);
  history.addEventListener("toggle", () => { if (history.open) loadDeliveries().catch((problem) => say(problem.message)); });
  byId("hook-copy").addEventListener("click", copy);
  byId("hook-done").addEventListener("click", () => {
    byId("hook-secret").textContent = "";
    byId("hook-made").hidden = true;
    byId("hooks-title").focus();
  });
}

const say = (words) => tell(byId("hooks-said"), words);

async function add() {
  const { url, format, with_words: words } = form.elements;
  const events = [...form.querySelectorAll("[name=events]:checked")].map((box) => box.value);
  tell(byId("hook-trouble"), events.length > 0 ? "" : "Tick at least one of the events.");
  if (events.length === 0) return;
  try {
    const json = { url: url.value.trim(), events, format: format.value, with_words: words.checked };
    const made = await api("/api/hooks", { method: "POST", json });
    form.reset();
    byId("hook-fold").open = false;
    say("");
    byId("hook-copied").textContent = "";
    byId("hook-secret").textContent = made.secret;
    byId("hook-made").hidden = false;
    byId("hook-copy").focus();
    await loadHooks();
  } catch (problem) {
    tell(byId("hook-trouble"), problem.message);
  }
}

async function copy() {
  try {
    await copyText(byId("hook-secret").textContent);
    byId("hook-copied").textContent = "Copied.";
  } catch {
    // No clipboard for this page: the words are selected, to be copied by hand.
    getSelection().selectAllChildren(byId("hook-secret"));
    byId("hook-copied").textContent = "Selected: copy it with the keyboard.";
  }
}

function line(hook) {
  const state = !hook.is_on ? ["tag", "off"] : hook.why ? ["tag doubt", "failing"] : ["tag sound", "on"];
  const facts = [hook.events.map((event) => EVENTS[event]).join(", "), hook.format === "slack" && "for Slack", hook.with_words && "with customers’ words", hook.waiting_n > 0 && `${several(hook.waiting_n, "message")} waiting`];
  const act = (words, label, onclick, kind = "link") => el("button", { type: "button", class: kind, "aria-label": `${label}: ${hook.url}`, onclick }, words);
  return el("li", {},
    el("p", { class: "row" }, el("strong", {}, el("bdi", {}, hook.url)), el("span", { class: state[0] }, state[1])),
    el("p", { class: "quiet" }, facts.filter(Boolean).join(" · ")),
    hook.why && el("p", { class: "notice bad" }, hook.failing_since ? `Failing since ${moment(hook.failing_since)}. ` : "", hook.why),
    el("p", { class: "row" },
      act("Try it", "Send a test", () => change(() => api(hookApi(hook, "/test"), { method: "POST" }), (tried) => tried.why || `It arrived: the answer was ${tried.status}.`)),
      act(hook.is_on ? "Turn off" : "Turn on", hook.is_on ? "Turn off" : "Turn on", () => change(() => api(hookApi(hook), { method: "PATCH", json: { is_on: !hook.is_on } }), () => (hook.is_on ? "It is off: what waits for it stays." : "It is on: what waited goes out now."))),
      act("Remove", "Remove", () => remove(hook))));
}

async function change(work, words) {
  try {
    const done = await work();
    await loadHooks();
    say(words(done));
  } catch (problem) {
    say(problem.message);
    await loadHooks();
  }
  byId("hooks-title").focus();
}

function remove(hook) {
  byId("hook-sure-words").textContent = `${hook.url} is told nothing more, and what waits for it goes. This cannot be taken back.`;
  byId("hook-sure-do").onclick = () => {
    sure.close();
    change(() => api(hookApi(hook), { method: "DELETE" }), () => "It is removed.");
  };
  sure.showModal();
}

async function loadDeliveries() {
  const found = await api("/api/hooks/deliveries?limit=50");
  fill(byId("hook-deliveries"), found.length === 0 ? el("li", { class: "quiet" }, "Nothing yet.") : found.map(delivery));
}

function delivery(one) {
  return el("li", {},
    el("p", { class: "row" }, el("span", {}, EVENTS[one.event] ?? one.event, " ", el("code", {}, one.subject)), el("span", { class: one.state === "given up" ? "tag doubt" : "tag" }, one.state)),
    el("p", { class: "quiet" }, [moment(one.happened_at), one.tries > 1 && several(one.tries, "try", "tries"), one.why, one.next_at && `next try ${moment(one.next_at)}`].filter(Boolean).join(" · ")),
    one.state !== "waiting" && el("p", {}, el("button", { type: "button", class: "link", "aria-label": `Send ${one.event} ${one.subject} again`, onclick: () => change(() => api(`/api/hooks/deliveries/${encodeURIComponent(one.id)}/replay`, { method: "POST" }), () => "It is on its way again.") }, "Send again")));
}
