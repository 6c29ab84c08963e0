// Settings: a person's own goal, and their calendar. What a calendar would change is said first.

import { api } from "./api.js";
import { byId, el, fill, onSubmit, tell } from "./element.js";
import { several } from "./format.js";

const form = byId("goal-form");
const load = byId("load-calendar");
const address = (person) => `/api/goals/people/${encodeURIComponent(person)}`;

let looked = null; // the file and person that the list is about

export function startGoals() {
  onSubmit(form, saveGoal);
  byId("see-calendar").addEventListener("click", () => send(true));
  load.addEventListener("click", () => send(false));
  form.addEventListener("input", forget);
}

export async function loadGoals() {
  const { weeks: [week], goal_hours: home } = await api("/api/goals");
  fill(byId("goal-people"), week.people.map((one) => el("option", { value: one.person })));
  const tracked = week.people.filter((one) => one.calendar || one.own_goal);
  fill(byId("goals-now"), tracked.map((one) => el("li", { class: "row" },
    el("span", {}, el("bdi", {}, one.person), `: ${one.goal_hours} h a week${one.own_goal ? "" : " (as everybody)"}${one.calendar ? ", calendar loaded" : ""}`),
    one.calendar && el("button", { type: "button", class: "link", "aria-label": `Remove the calendar of ${one.person}`, onclick: () => remove(one.person) }, "Remove calendar"))));
  form.elements.hours.placeholder = String(home);
}

function forget() {
  looked = null;
  load.hidden = true;
  byId("calendar-holds").replaceChildren();
  say("");
}

async function saveGoal() {
  const person = form.elements.person.value.trim();
  const text = form.elements.hours.value;
  try {
    const set = await api(address(person), { method: "PUT", json: { hours: text === "" ? null : Number(text) } });
    say(`${set.person}: ${set.goal_hours} h a week${set.own ? "" : ", as everybody"}.`);
    await loadGoals();
  } catch (problem) {
    say(problem.message, true);
  }
}

async function send(dry) {
  const person = form.elements.person.value.trim();
  const file = form.elements.calendar.files[0];
  if (!person || !file) {
    say(person ? "Choose a calendar file (.ics)." : "Say whose calendar it is.", true);
    form.elements[person ? "calendar" : "person"].focus();
    return;
  }
  try {
    say("Reading the calendar …");
    const change = await api(`${address(person)}/calendar?dry_run=${dry}`, { method: "PUT", body: file, type: "text/calendar" });
    fill(byId("calendar-holds"), holds(change, dry).map((one) => el("li", {}, one)));
    looked = dry ? file : null;
    load.hidden = looked === null;
    say(dry ? "" : "Loaded.");
    if (dry) load.focus();
    else await loadGoals();
  } catch (problem) {
    say(problem.message, true);
  }
}

const NEWS = [["added", "new"], ["changed", "changed"], ["removed", "gone"], ["same", "as before"], ["older", "later here than in the file"]];

function holds(change, dry) {
  const news = NEWS.filter(([name]) => change[name] > 0).map(([name, word]) => `${change[name]} ${word}`);
  const left = Object.entries(change.left_out).map(([why, n]) => `${n} ${why}`);
  const unknown = Object.keys(change.unplaced);
  return [
    `${several(change.meetings, "meeting")} with customers ${dry ? "would be" : "are"} in the calendar of ${change.person}${news.length > 0 ? `: ${news.join(", ")}` : ""}.`,
    left.length > 0 && `Left out: ${left.join(", ")}.`,
    unknown.length > 0 && `Firms that are no account: ${unknown.slice(0, 8).join(", ")}${unknown.length > 8 ? ` and ${unknown.length - 8} more` : ""}.`,
    !change.heard && `No call names ${change.person}: write the name as calls have it.`,
  ].filter(Boolean);
}

async function remove(person) {
  try {
    const { removed } = await api(`${address(person)}/calendar`, { method: "DELETE" });
    forget();
    say(`The calendar of ${person} is gone (${several(removed, "meeting")}). Load the file again to have it back.`);
    await loadGoals();
    form.elements.person.focus();
  } catch (problem) {
    say(problem.message, true);
  }
}

function say(text, bad = false) {
  const place = byId("goals-said");
  tell(place, text);
  place.classList.toggle("bad", bad);
}
