// Who spoke: names, roles and how sure they are, corrected in place.

import { byId, el } from "./element.js";
import { DOUBTFUL, percent, ROLES } from "./format.js";

const BASIS = {
  person: "as a person said",
  file: "as the file says",
  domain: "from the e-mail address",
  channel: "from the channel of the recording",
  speech: "guessed from the way of speaking",
};

// `save(label, fix)` stores a correction and shows everything anew; it may throw a sentence.
export function showSpeakers(call, save) {
  byId("speakers").replaceChildren(...call.speakers.map((speaker) =>
    card(speaker, call.suggested.find((one) => one.label === speaker.label), call.read_by, save)));
}

function card(speaker, suggested, model, save) {
  const doubtful = speaker.doubt >= DOUBTFUL;
  const said = el("p", { role: "status", class: "quiet" });
  const edit = el("button", { type: "button", class: "link", "aria-label": `Correct ${speaker.name}`, onclick: open }, "Correct");
  const item = el(
    "li",
    { class: speaker.role },
    el("p", {}, el("strong", {}, speaker.name), " ", el("span", { class: `tag ${speaker.role}` }, ROLES[speaker.role])),
    speaker.title && el("p", { class: "quiet" }, speaker.title),
    el("p", { class: "quiet" }, `Role ${BASIS[speaker.basis] ?? speaker.basis}`, speaker.doubt > 0 && !doubtful ? `; chance of an error ${percent(speaker.doubt)}` : "", "."),
    doubtful && el("p", {}, el("span", { class: "tag doubt" }, `role uncertain, ${percent(speaker.doubt)}`), " ",
      el("button", { type: "button", class: "link", onclick: () => keep({ role: speaker.role }) }, `Yes, ${ROLES[speaker.role]}`)),
    suggested && el("div", { class: "suggestion" },
      el("p", {}, "Perhaps ", el("strong", {}, suggested.name), ", by what is said:"),
      el("p", {}, el("q", {}, suggested.words), " ", el("a", { href: `#u${suggested.utterance}` }, `in line ${suggested.utterance}`)),
      el("p", { class: "quiet" }, `Gathered by ${model ?? "a language model"}; only you put it in place.`),
      el("button", { type: "button", onclick: () => keep({ name: suggested.name }), "aria-label": `Use the name ${suggested.name} for ${speaker.name}` }, "Use this name")),
    edit,
    said,
  );

  async function keep(fix) {
    said.textContent = "Saving; what follows from it is computed anew …";
    try {
      await save(speaker.label, fix);
    } catch (problem) {
      said.textContent = problem.message;
      return;
    }
    // Everything was drawn anew; whoever works by keyboard goes on from the same speaker.
    const at = [...byId("speakers").children].find((one) => one.dataset.label === speaker.label);
    at?.querySelector("button.link[aria-label]")?.focus();
  }

  function open() {
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
        if (Object.keys(fix).length > 0) keep(fix);
        else close();
      } },
      el("label", {}, "Name ", name),
      el("label", {}, "Role ", role),
      el("p", { class: "row" }, el("button", { type: "submit" }, "Save"), el("button", { type: "button", class: "plain", onclick: close }, "Cancel")),
    );
    function close() {
      form.remove();
      edit.hidden = false;
      edit.focus();
    }
    form.addEventListener("keydown", (event) => {
      if (event.key === "Escape") close();
    });
    edit.hidden = true;
    edit.after(form);
    name.select();
  }

  item.dataset.label = speaker.label;
  return item;
}
