// What can be done with a line, opened under it: its evidence, its words, and who said them.

import { addEvidence, callId, correctLine, countAgain, counts, KINDS, reject, rekind, room, speakerOf } from "./call-data.js";
import { cited, copy, linkTo } from "./call-copying.js";
import { clipButton } from "./clips.js";
import { byId, el, tell } from "./element.js";
import { ROLES } from "./format.js";
import { may } from "./may.js";
import { startWriting } from "./line-text.js";
import { onRedrawn, utteranceOf } from "./transcript.js";

const BY = { rules: "found by rules", model: "found by the language model", person: "added by hand" };

let open = null; // number of the line whose panel is open

export function startPanels() {
  const list = byId("transcript");
  list.addEventListener("click", (event) => {
    const button = event.target.closest(".margin button");
    if (button) toggle(button.closest("li"), button);
  });
  list.addEventListener("keydown", (event) => {
    const line = event.target.closest("li[data-i]");
    if (event.key !== "Escape" || !line?.querySelector(".line-panel")) return;
    event.preventDefault();
    close();
    line.querySelector(".more-of").focus();
  });
  onRedrawn((line) => { if (Number(line.dataset.i) === open) show(line); });
}

export function toggle(line) {
  const was = open === Number(line.dataset.i) && line.querySelector(".line-panel");
  close();
  if (was) return;
  show(line);
  line.querySelector(".line-panel").focus({ preventScroll: true });
  line.scrollIntoView({ block: "nearest", behavior: "instant" });
}

function close() {
  document.querySelector(".transcript .line-panel")?.remove();
  document.querySelector(".more-of[aria-expanded=true]")?.setAttribute("aria-expanded", "false");
  open = null;
}

function show(line) {
  const utterance = utteranceOf(line);
  open = utterance.i;
  line.querySelector(".more-of").setAttribute("aria-expanded", "true");
  line.append(panel(utterance, line));
}

function panel(utterance, line) {
  const trouble = el("p", { class: "notice bad", role: "alert", hidden: true });
  // Does it, or says here why not.
  const act = async (work) => {
    tell(trouble, "");
    try {
      await work();
      return true;
    } catch (problem) {
      tell(trouble, problem.message);
      return false;
    }
  };
  const items = room.byLine.get(utterance.i) ?? [];
  return el("div", { class: "line-panel", tabindex: -1, role: "group", "aria-label": `Line ${utterance.i}` },
    items.length > 0 && el("ul", { class: "items" }, items.map((item) => evidence(item, act))),
    original(utterance, act),
    el("div", { class: "row" },
      el("button", { type: "button", "data-needs": "editor", onclick: () => startWriting(line, utterance, act) }, "Correct the words"),
      who(utterance, act),
      el("button", { type: "button", onclick: () => copy(cited(utterance, utterance.text), "Copied as a cited quote.") }, "Copy as a cited quote"),
      el("button", { type: "button", class: "plain", onclick: () => copy(linkTo(utterance), "The link is copied.") }, "Copy the link"),
      room.call.has_audio && utterance.start_s !== null && clipButton(callId, utterance.i, speakerOf(utterance.speaker).name)),
    adding(utterance, act),
    trouble);
}

const kindSelect = (label, chosen) => el("select", { "aria-label": label },
  KINDS.map((kind) => el("option", { value: kind, selected: kind === chosen }, kind)));

function evidence(item, act) {
  const select = may("editor") ? kindSelect(`Kind of “${item.quote.slice(0, 60)}”`, item.kind) : el("span", { class: `kind ${item.kind}` }, item.kind);
  select.addEventListener("change", () => act(() => rekind(item.id, select.value)));
  const gone = !counts(item);
  return el("li", { class: gone ? "gone" : "" },
    el("q", { dir: "auto" }, item.quote),
    el("span", { class: "quiet" }, ` ${BY[item.by]}${item.status === "rejected" ? "; no evidence, as a person said" : ""}${item.missed ? "; the language model passed over it, so it is not counted" : ""}`),
    (item.need || item.problem) && el("p", { class: "quiet", dir: "auto" }, [item.need, item.problem].filter(Boolean).join(" · ")),
    el("div", { class: "row" },
      item.status === "rejected"
        ? el("button", { type: "button", "data-needs": "editor", onclick: () => act(() => countAgain(item.id)) }, "Count it again")
        : [select, el("button", { type: "button", "data-needs": "editor", onclick: () => act(() => reject(item.id)) }, "No evidence")]));
}

// What was heard before a person corrected it, and who it was taken for.
function original(utterance, act) {
  const was = utterance.original_speaker;
  return [
    utterance.original !== null && el("p", { class: "heard" }, el("span", { class: "quiet" }, "Heard at first: "),
      el("q", { dir: "auto" }, utterance.original), " ",
      el("button", { type: "button", class: "link", "data-needs": "editor", onclick: () => act(() =>
        correctLine(utterance.i, { text: utterance.original }, "What was heard at first stands again.")) }, "Put it back")),
    was && el("p", { class: "heard" }, el("span", { class: "quiet" }, "Taken at first for "), el("bdi", {}, speakerOf(was).name), " ",
      // A label that was merged away is nobody's any more.
      room.call.speakers.some((one) => one.label === was) && el("button", { type: "button", class: "link", "data-needs": "editor", onclick: () => act(() =>
        correctLine(utterance.i, { speaker: was }, `${speakerOf(was).name} said it.`)) }, "Put them back")),
  ];
}

const ANOTHER = " "; // no label: labels have no blank at their ends

function who(utterance, act) {
  const select = el("select", { "aria-label": "Who said it" },
    room.call.speakers.map((one) => el("option", { value: one.label, selected: one.label === utterance.speaker }, one.name)),
    el("option", { value: ANOTHER }, "somebody else …"));
  const name = el("input", { "aria-label": "Name of who said it", placeholder: "Name", maxlength: 200, required: true });
  const role = el("select", { "aria-label": "Role of who said it" },
    Object.entries(ROLES).map(([value, words]) => el("option", { value }, words)));
  const form = el("form", { class: "row", hidden: true, onsubmit: (event) => {
    event.preventDefault();
    act(() => correctLine(utterance.i, { new_speaker: { name: name.value.trim(), role: role.value } }, `${name.value.trim()} said it.`));
  } }, name, role, el("button", { type: "submit" }, "Save"));
  select.addEventListener("change", () => {
    form.hidden = select.value !== ANOTHER;
    if (!form.hidden) name.focus();
    else if (select.value !== utterance.speaker) act(() => correctLine(utterance.i, { speaker: select.value }, `${speakerOf(select.value).name} said it.`));
  });
  return [el("label", { class: "pick", "data-needs": "editor" }, el("span", {}, "Said by"), select), form];
}

// For who cannot select with a mouse: the words are cut down in a field.
function adding(utterance, act) {
  const words = el("textarea", { name: "words", rows: 2, maxlength: 20000, "aria-label": "The words, as they were said", required: true });
  words.value = utterance.text;
  const kind = kindSelect("Kind of evidence", "pain");
  return el("details", { class: "adding", "data-needs": "editor" }, el("summary", {}, "Add evidence"),
    el("form", { class: "stack", onsubmit: (event) => {
      event.preventDefault();
      act(() => addEvidence(utterance.i, kind.value, words.value.trim()));
    } }, words, el("div", { class: "row" }, kind, el("button", { type: "submit" }, "Add"),
      el("span", { class: "quiet" }, "Cut the words down to what matters; nothing may be changed."))));
}
