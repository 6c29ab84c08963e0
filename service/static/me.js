// Who is signed in: another workspace, and signing out.

import { api } from "./api.js";
import { byId, el, tell } from "./element.js";

const box = byId("me");

export function startMe() {
  if (!box) return;
  // A page that the browser kept whole for its Back button: they may have signed out since.
  addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });
  byId("sign-out").addEventListener("click", () => go(() => api("/api/session", { method: "DELETE" }), "/sign-in"));
  box.addEventListener("toggle", () => box.open && load().catch(trouble), { once: true });
}

async function load() {
  const { workspace, workspaces } = await api("/api/session");
  if (workspaces.length < 2) return;
  const choose = ({ name }) => go(() => api("/api/session", { method: "PATCH", json: { workspace: name } }), "/");
  byId("workspaces").replaceChildren(
    el("p", { class: "quiet" }, "Workspaces"),
    ...workspaces.map((one) => (one.name === workspace
      ? el("p", {}, el("strong", {}, el("bdi", {}, one.title)), ", here")
      : el("p", {}, el("button", { type: "button", class: "link", onclick: () => choose(one) }, el("bdi", {}, one.title))))),
  );
}

async function go(act, there) {
  try {
    await act();
    location.assign(there);
  } catch (problem) {
    trouble(problem);
  }
}

const trouble = (problem) => tell(byId("trouble"), problem.message);
