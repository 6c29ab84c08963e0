// What belongs to this home: saved together, and taken back with one press.

import { api } from "./api.js";
import { byId, el, fill, tell } from "./element.js";
import { day } from "./format.js";

const form = byId("settings");

let now = null; // as the server has them
let touched = false; // by a person, and not saved

export function startSettings() {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    save(asked(), now);
  });
  form.addEventListener("input", () => { touched = true; });
}

export function showSettings(found, environment) {
  now = found;
  if (!touched) put(found);
  tell(byId("start-told"), found.start_remembered ? `Your memo was told ${day(found.start_remembered)}; that counts until you set another.` : "");
  tell(byId("domains-told"), environment.length > 0 ? `This machine's settings add ${environment.join(", ")}.` : "");
  byId("save-settings").disabled = false;
}

function put(found) {
  const fields = form.elements;
  fields.start.value = found.start ?? "";
  fields.goal_hours.value = found.goal_hours;
  fields.top.value = found.top;
  fields.internal_domains.value = found.internal_domains.join(", ");
  fields.keep_days.value = found.keep_days ?? "";
  fields.ask_consent.checked = found.ask_consent;
  fields.mask.checked = found.mask;
  fields.mask_names.value = found.mask_names.join(", ");
  fields.not_customers.value = found.not_customers.join(", ");
  fields.digest.value = found.digest ?? "";
  fields.digest_to.value = found.digest_to.join(", ");
}

const number = (text) => (text === "" ? null : Number(text));

function asked() {
  const fields = form.elements;
  const names = fields.mask_names.value.split(/[,;]/).map((name) => name.trim()).filter(Boolean);
  const listed = (field) => {
    const found = field.value.split(/[\s,;]+/).filter(Boolean);
    return found.length > 0 ? found : null;
  };
  return {
    start: fields.start.value || null,
    goal_hours: number(fields.goal_hours.value),
    top: number(fields.top.value),
    internal_domains: listed(fields.internal_domains),
    keep_days: number(fields.keep_days.value),
    ask_consent: fields.ask_consent.checked,
    mask: fields.mask.checked ? null : false,
    mask_names: names.length > 0 ? names : null,
    not_customers: listed(fields.not_customers),
    digest: fields.digest.value.trim() || null,
    digest_to: listed(fields.digest_to),
  };
}

async function save(wanted, before) {
  const said = byId("settings-said");
  const button = byId("save-settings");
  button.disabled = true;
  try {
    now = await api("/api/settings", { method: "PATCH", json: wanted });
    touched = false;
    put(now);
    const { start_remembered, ...settable } = before;
    const undo = () => save(settable, now);
    fill(said, "Saved. ", el("button", { type: "button", class: "link", onclick: undo }, "Undo"));
    said.classList.remove("bad");
  } catch (problem) {
    tell(said, problem.message);
    said.classList.add("bad");
  } finally {
    said.hidden = false;
    button.disabled = false;
    button.focus();
  }
}
