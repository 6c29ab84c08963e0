// Links from one workspace to another: those that leave the page name theirs where there are several
// (`service/links.py` makes the server's), and of one that comes it is said here.

import { api } from "./api.js";
import { byId, el, fill, tell } from "./element.js";

const NAME = "workspace";
const LONGEST = 31; // of a name; what is longer somebody made up
const { workspace: named } = document.body.dataset; // where there is no other, none
const here = named ?? "main";

// The whole address of a part of the page, for whoever is elsewhere.
export function outward(path) {
  const link = new URL(path, location.origin);
  if (named) link.searchParams.set(NAME, named);
  return link.href;
}

// A link about another workspace says so; nothing is left of one about this one.
export function startWorkspace() {
  const there = new URL(location.href);
  const about = there.searchParams.get(NAME);
  if (about === null) return;
  there.searchParams.delete(NAME);
  if (about === here || about === "") history.replaceState(history.state, "", there);
  else say(about, there).catch(trouble);
}

// Only of workspaces that somebody is in it is known here that they are.
async function say(about, there) {
  const { workspaces } = await api("/api/session");
  const titleOf = (name) => workspaces.find((one) => one.name === name)?.title;
  const title = titleOf(about) ?? cut(about);
  const place = byId("other-workspace");
  fill(
    place,
    "This link is about the workspace “", el("bdi", {}, title), "”; you are in “", el("bdi", {}, titleOf(here) ?? here), "”. ",
    titleOf(about) === undefined
      ? "You are not in it; ask whoever sent the link."
      : el("button", { type: "button", onclick: () => go(about, there).catch(trouble) }, "Switch to ", el("bdi", {}, title)),
  );
  place.hidden = false;
}

async function go(name, there) {
  await api("/api/session", { method: "PATCH", json: { workspace: name } });
  // Not by going there: where only what is behind the # differs, nothing would be loaded.
  history.replaceState(null, "", there);
  location.reload();
}

const cut = (name) => (name.length > LONGEST ? `${name.slice(0, LONGEST)}…` : name);

const trouble = (problem) => tell(byId("trouble"), problem.message);
