// Tokens for programs: made here and shown once, and ended. Admins see everybody's.

import { sure } from "./access-sure.js";
import { api } from "./api.js";
import { copyText } from "./copying.js";
import { byId, el, onSubmit, tell } from "./element.js";
import { day, moment } from "./format.js";

const form = byId("token-new");
const made = byId("token-made");
const words = byId("token-words");

let me = null;

export async function showTokens(who = me) {
  me = who;
  const now = Date.now();
  const living = (await api("/api/tokens")).filter((one) => !one.revoked_at && Date.parse(one.expires_at) > now);
  byId("tokens-rows").replaceChildren(...living.map(line));
  byId("tokens-table").hidden = living.length === 0;
  byId("tokens-none").hidden = living.length > 0;
}

export function startTokens() {
  onSubmit(form, make);
  byId("token-copy").addEventListener("click", async () => {
    try {
      await copyText(words.textContent);
      byId("token-copied").textContent = "Copied.";
    } catch {
      // No clipboard for this page: the words are selected, to be copied by hand.
      getSelection().selectAllChildren(words);
      byId("token-copied").textContent = "Selected: copy it with the keyboard.";
    }
  });
  byId("token-done").addEventListener("click", () => {
    words.textContent = "";
    made.hidden = true;
    byId("tokens-title").focus();
  });
}

async function make() {
  const { name, role, days } = form.elements;
  tell(byId("token-trouble"), "");
  try {
    const json = { name: name.value.trim(), role: role.value, days: Number(days.value) };
    const token = await api("/api/tokens", { method: "POST", json });
    form.reset();
    byId("token-fold").open = false;
    byId("token-copied").textContent = "";
    tell(byId("tokens-said"), "");
    words.textContent = token.token;
    made.hidden = false;
    byId("token-copy").focus();
    await showTokens();
  } catch (problem) {
    tell(byId("token-trouble"), problem.message);
  }
}

function line(token) {
  return el("tr", {},
    el("th", { scope: "row" }, el("bdi", {}, token.name), token.user !== me.name && el("span", { class: "quiet" }, " of ", el("bdi", {}, token.user))),
    el("td", {}, `as ${token.role}`),
    el("td", {}, "until ", el("time", { datetime: token.expires_at }, day(token.expires_at.slice(0, 10)))),
    el("td", {}, token.seen_at ? ["used ", el("time", { datetime: token.seen_at }, moment(token.seen_at))] : "never used"),
    el("td", {}, el("button", { type: "button", class: "link", "aria-label": `Revoke ${token.name}`, onclick: () => revoke(token) }, "Revoke")));
}

function revoke(token) {
  sure({
    title: `Revoke “${token.name}”?`, button: "Revoke for good",
    words: "Whatever signs in with it gets in no more, at once. This cannot be taken back.",
    act: async () => {
      await api(`/api/tokens/${encodeURIComponent(token.id)}`, { method: "DELETE" });
      await showTokens();
      tell(byId("tokens-said"), `“${token.name}” is revoked.`);
      byId("tokens-title").focus();
    },
  });
}
