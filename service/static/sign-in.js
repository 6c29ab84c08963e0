// Signing in: what was asked for comes after it.

import { api } from "./api.js";
import { byId, onSubmit, tell } from "./element.js";

const form = byId("sign-in");
const button = form.querySelector("button");
const next = ahead(new URLSearchParams(location.search).get("next"));

// Only a room of this server; the address may have been made by anybody.
function ahead(path) {
  if (!path || !URL.canParse(path, location.origin)) return "/";
  const there = new URL(path, location.origin);
  if (there.origin !== location.origin || /^\/(?:sign-in|api\/|\/)/.test(there.pathname)) return "/";
  return there.pathname + there.search + there.hash;
}

const elsewhere = byId("elsewhere");
if (elsewhere && next !== "/") elsewhere.href = `/sso?${new URLSearchParams({ next })}`;

onSubmit(form, async () => {
  button.disabled = true;
  tell(byId("trouble"), "");
  const { name, password } = form.elements;
  try {
    await api("/api/session", { method: "POST", json: { name: name.value, password: password.value } });
    location.replace(next);
  } catch (problem) {
    tell(byId("trouble"), problem.message);
    password.value = "";
    password.focus();
    button.disabled = false;
  }
});
