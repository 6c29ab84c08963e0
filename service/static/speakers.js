// Who spoke: names, roles and how sure they are, corrected in place.

import { correct, room } from "./call-data.js";
import { byId, el, tell } from "./element.js";
import { DOUBTFUL, percent, ROLES } from "./format.js";
import { toneOf } from "./transcript.js";

const BASIS = {
  person: "as a person said",
  file: "as the file says",
  domain: "from the e-mail address",
  channel: "from the channel of the recording",
  speech: "guessed from the way of speaking",
};

const list = byId("speakers");

export function showSpeakers() {
  const held = document.activeElement?.closest?.("#speakers > li")?.dataset.label;
  // A form that somebody is in stays as it is, unless it is what was saved just now.
  const open = [...list.children].filter((one) => one.querySelector("form:not([data-saving])"));
  const writing = new Map(open.map((one) => [one.dataset.label, one]));
  list.replaceChildren(...room.call.speakers.map((one) => writing.get(one.label) ?? card(one)));
  // Whoever works by keyboard goes on from the same speaker.
  if (held) [...list.children].find((one) => one.dataset.label === held)?.querySelector("[data-act=correct]").focus();
}

function card(speaker) {
  const { call } = room;
  const doubtful = speaker.doubt >= DOUBTFUL;
  const trouble = el("p", { class: "notice bad", role: "alert", hidden: true });
  const act = fixing(speaker, trouble);
  const suggested = call.suggested.find((one) => one.label === speaker.label);
  const edit = button("correct", "Correct", `Correct ${speaker.name}`, () => correcting(speaker, edits, act));
  const edits = el("p", { class: "row", "data-needs": "editor" }, edit,
    call.speakers.length > 1 && button("merge", "Merge", `Merge ${speaker.name} with another`, () => merging(speaker)));
  const item = el(
    "li",
    { class: `${speaker.role} tone${toneOf(speaker.label)}` },
    el("p", {}, el("span", { class: `tone-dot tone${toneOf(speaker.label)}` }), el("strong", {}, speaker.name), " ",
      el("span", { class: `tag ${speaker.role}` }, ROLES[speaker.role])),
    speaker.title && el("p", { class: "quiet" }, speaker.title),
    el("p", { class: "quiet" }, `Role ${BASIS[speaker.basis] ?? speaker.basis}`, speaker.doubt > 0 && !doubtful ? `; chance of an error ${percent(speaker.doubt)}` : "", "."),
    doubtful && el("p", {}, el("span", { class: "tag doubt" }, `role uncertain, ${percent(speaker.doubt)}`), " ",
      button("sure", `Yes, ${ROLES[speaker.role]}`, null, () => act({ role: speaker.role }, `${speaker.name}: ${ROLES[speaker.role]}.`))),
    suggested && suggestion(speaker, suggested, act),
    edits,
    trouble,
  );
  item.dataset.label = speaker.label;
  return item;
}

// Corrects the speaker; where it cannot be done it says why in the card.
const fixing = (speaker, trouble) => async (fix, done) => {
  tell(trouble, "");
  try {
    await correct({ speakers: { [speaker.label]: fix } }, done);
  } catch (problem) {
    tell(trouble, problem.message);
  }
};

function button(act, words, name, onclick) {
  const made = el("button", { type: "button", class: "link", "data-needs": "editor", "aria-label": name, onclick }, words);
  made.dataset.act = act;
  return made;
}

function suggestion(speaker, suggested, act) {
  return el("div", { class: "suggestion" },
    el("p", {}, "Perhaps ", el("strong", {}, suggested.name), ", by what is said:"),
    el("p", {}, el("q", {}, suggested.words), " ", el("a", { href: `#u${suggested.utterance}` }, `in line ${suggested.utterance}`)),
    el("p", { class: "quiet" }, `Gathered by ${room.call.read_by ?? "a language model"}; only you put it in place.`),
    el("button", { type: "button", "data-needs": "editor", onclick: () => act({ name: suggested.name }, `${suggested.name} it is.`), "aria-label": `Use the name ${suggested.name} for ${speaker.name}` }, "Use this name"));
}

function correcting(speaker, edits, act) {
  const name = el("input", { name: "name", maxlength: 200, required: true, value: speaker.name });
  const role = el("select", { name: "role" }, Object.entries(ROLES).map(([value, words]) =>
    el("option", { value, selected: value === speaker.role }, words)));
  const form = el(
    "form",
    { class: "stack", onsubmit: (event) => {
      event.preventDefault();
      const fix = {};
      if (name.value.trim() && name.value !== speaker.name) fix.name = name.value.trim();
      if (role.value !== speaker.role) fix.role = role.value;
      if (Object.keys(fix).length === 0) return close();
      form.dataset.saving = "";
      return act(fix, `${fix.name ?? speaker.name}: ${ROLES[role.value]}.`).finally(() => { delete form.dataset.saving; });
    } },
    el("label", {}, "Name ", name),
    el("label", {}, "Role ", role),
    el("p", { class: "row" }, el("button", { type: "submit" }, "Save"), el("button", { type: "button", class: "plain", onclick: close }, "Cancel")),
  );
  function close() {
    form.remove();
    edits.hidden = false;
    edits.firstElementChild.focus();
  }
  form.addEventListener("keydown", (event) => {
    if (event.key === "Escape") close();
  });
  edits.hidden = true;
  edits.after(form);
  name.select();
}

// Two labels for one voice become one.
function merging(speaker) {
  const dialog = byId("merge");
  const into = byId("merge-into");
  const others = room.call.speakers.filter((one) => one.label !== speaker.label);
  byId("merge-words").replaceChildren("All that ", el("strong", {}, speaker.name), " said is then said by the one you choose; their name and role stay.");
  into.replaceChildren(...others.map((one) => el("option", { value: one.label }, `${one.name} (${ROLES[one.role]})`)));
  tell(byId("merge-trouble"), "");
  byId("merge-not").onclick = () => dialog.close();
  byId("merge-form").onsubmit = async (event) => {
    event.preventDefault();
    const kept = others.find((one) => one.label === into.value);
    try {
      await correct({ merge: { [speaker.label]: kept.label } }, `${speaker.name} and ${kept.name} are one.`);
      dialog.close();
      [...list.children].find((one) => one.dataset.label === kept.label)?.querySelector("[data-act=correct]").focus();
    } catch (problem) {
      tell(byId("merge-trouble"), problem.message);
    }
  };
  dialog.showModal();
}
