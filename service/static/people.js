// The people of this workspace, for its admins: who is let in, as what, and who no more.

import { sure } from "./access-sure.js";
import { api } from "./api.js";
import { byId, el, fill, onSubmit, tell } from "./element.js";

const ROLES = ["viewer", "editor", "admin"];
const A = { viewer: "a viewer", editor: "an editor", admin: "an admin" };

const rows = byId("people-rows");
const said = byId("people-said");
const form = byId("person-new");
const userApi = (person) => `/api/users/${encodeURIComponent(person.id)}`;

let me = null;

export async function showPeople(who = me) {
  me = who;
  const held = document.activeElement?.closest("#people-rows tr")?.dataset.user;
  const everybody = await api("/api/users");
  rows.replaceChildren(...everybody.map(line));
  if (held) ([...rows.children].find((row) => row.dataset.user === held)?.querySelector("select, button") ?? byId("people-title")).focus();
}

export function startPeople() {
  const { way, password } = form.elements;
  way.addEventListener("change", () => {
    const own = way.value === "password";
    for (const id of ["person-password", "person-hint"]) byId(id).hidden = !own;
    byId("person-without").hidden = own;
    password.required = own;
  });
  onSubmit(form, add);
}

async function add() {
  const { name, role, way, password } = form.elements;
  const json = { name: name.value.trim(), role: role.value };
  if (way.value === "password") json.password = password.value;
  tell(byId("person-trouble"), "");
  try {
    const made = await api("/api/users", { method: "POST", json });
    form.reset();
    way.dispatchEvent(new Event("change"));
    byId("person-fold").open = false;
    await showPeople();
    say(el("bdi", {}, made.name), ` is ${A[made.role]} here now.`);
    byId("people-title").focus();
  } catch (problem) {
    tell(byId("person-trouble"), problem.message);
  }
}

function line(person) {
  const own = person.name === me.name;
  const made = el("tr", { class: person.disabled ? "out" : null },
    el("th", { scope: "row" }, el("bdi", {}, person.name), tags(person, own)),
    el("td", {}, own ? person.role : roles(person)),
    el("td", {}, own ? el("span", { class: "quiet" }, "another admin changes you") : el("span", { class: "row" }, acts(person))));
  made.dataset.user = person.id;
  return made;
}

const tags = (person, own) => [
  own && "you", person.disabled && "not let in", person.sso && "single sign-on", person.elsewhere && "in other workspaces too",
].filter(Boolean).map((words) => [" ", el("span", { class: "tag" }, words)]);

function roles(person) {
  const select = el("select", { "aria-label": `Role of ${person.name}` },
    ROLES.map((role) => el("option", { value: role, selected: role === person.role }, role)));
  select.addEventListener("change", () => become(person, select.value));
  return select;
}

function acts(person) {
  const button = (words, act) => el("button", { type: "button", class: "link", "aria-label": `${words} ${person.name}`, onclick: act }, words);
  return [
    el("button", { type: "button", class: "link", "aria-label": `New password for ${person.name}`, onclick: () => newPassword(person) }, "New password"),
    person.disabled ? button("Let in again", () => patch(person, { disabled: false }, " is let in again.")) : button("Keep out", () => keepOut(person)),
    button("Remove", () => remove(person)),
  ];
}

async function become(person, role, before = person.role) {
  const undo = before && el("button", { type: "button", class: "link", onclick: () => become(person, before, null) }, "Undo");
  await patch(person, { role }, ` is ${A[role]} now and signs in anew. `, undo);
}

async function patch(person, json, ...words) {
  try {
    await api(userApi(person), { method: "PATCH", json });
    say(el("bdi", {}, person.name), ...words);
  } catch (problem) {
    complain(problem);
  }
  await showPeople().catch(complain); // also what was refused is shown as it is
}

const after = (person, work, ...words) => async (password) => {
  await work(password);
  await showPeople();
  say(el("bdi", {}, person.name), ...words);
  byId("people-title").focus();
};

function newPassword(person) {
  sure({
    title: `A new password for ${person.name}`, button: "Set it", password: true,
    words: "They are signed out everywhere and come in with this one. At least 12 characters that are not easy to guess.",
    act: after(person, (password) => api(userApi(person), { method: "PATCH", json: { password } }), " has a new password."),
  });
}

function keepOut(person) {
  sure({
    title: `Keep ${person.name} out?`, button: "Keep out",
    words: "They are signed out at once and cannot sign in. Their tokens end for good. You can let them in again later.",
    act: after(person, () => api(userApi(person), { method: "PATCH", json: { disabled: true } }), " is not let in any more."),
  });
}

function remove(person) {
  sure({
    title: `Remove ${person.name}?`, button: "Remove for good",
    words: person.elsewhere
      ? "They are in this workspace no more, and their tokens for it end. In their other workspaces they stay."
      : "Their account goes for good, with their sessions and tokens. What they added and wrote stays.",
    act: after(person, () => api(userApi(person), { method: "DELETE" }), " is removed."),
  });
}

function say(...content) {
  fill(said, content);
  said.classList.remove("bad");
  said.hidden = false;
}

function complain(problem) {
  tell(said, problem.message);
  said.classList.add("bad");
}
