// One's own password: a new one ends all sessions, so that one signs in anew.

import { api } from "./api.js";
import { byId, el, fill, onSubmit, tell } from "./element.js";

const room = byId("password-room");
const form = byId("password");

export function startPassword(me) {
  if (me.sso) fill(room, el("p", {}, "You come by single sign-on and have no password here."));
  else onSubmit(form, change);
}

async function change() {
  const trouble = byId("password-trouble");
  const button = form.querySelector("button");
  button.disabled = true;
  tell(trouble, "");
  try {
    await api("/api/session/password", { method: "PUT", json: { now: form.elements.now.value, new: form.elements.new.value } });
    const again = el("a", { href: "/sign-in?next=%2Fsettings" }, "Sign in with the new one");
    fill(room, el("p", { class: "notice good", role: "status" }, "Your password is changed, and you are signed out everywhere. ", again));
    again.focus();
  } catch (problem) {
    tell(trouble, problem.message);
    form.elements.now.focus();
  } finally {
    button.disabled = false;
  }
}
