// Loading a CRM's file: which column is what, whose its lines are, what would change, and then the change.

import { changesOf } from "./account-difference.js";
import { api } from "./api.js";
import { mapping, questions } from "./crm-questions.js";
import { el } from "./element.js";
import { several } from "./format.js";
import { accounts, loadAccounts } from "./known.js";

const LISTED = 50; // faults and answers that are listed

// Goes round by round: what was answered is sent, what is still open comes back.
export async function importFromCrm(shown, file, said) {
  const body = { file: await base64(file) };
  const choices = { columns: {}, matches: {}, rates: {} };
  await round();

  async function round() {
    const found = await api("/api/crm/preview", { method: "POST", json: { ...body, choices } });
    const answered = () => { asking.hidden = false; load.hidden = true; };
    const first = found.questions.some((one) => one.about === "mapping"); // nothing else counts before it
    const open = found.questions.length + found.faults.length > 0;
    const trouble = el("p", { class: "notice bad", role: "alert", hidden: true });
    const go = el("button", { type: "button", class: "main", onclick: () => again(go, trouble, first) }, first ? "This is right, go on" : "Go on");
    const asking = el("div", { hidden: !open }, trouble, el("p", { class: "row" }, go, shown.closing("Cancel").firstChild));
    const load = el("div", { hidden: open }, finish(found));
    shown.show(
      el("p", {}, intro(found)),
      found.notes.map((note) => el("p", { class: "quiet" }, note)),
      mapping(found, choices, answered),
      questions(found, choices, answered, { lines: !first }),
      !first && faults(found, choices, answered),
      said_(choices, () => again(go, trouble, false)),
      !first && el("section", { "aria-label": "The change" }, open && el("h3", {}, "So far"), changesOf(found.difference),
        found.skipped > 0 && el("p", { class: "quiet" }, `${several(found.skipped, "line")} left out, as you said.`)),
      asking,
      load,
    );
  }

  async function again(button, trouble, mapped) {
    if (mapped) choices.mapping_is_right = true;
    button.disabled = true;
    try {
      await round();
      shown.focus();
    } catch (problem) {
      trouble.textContent = problem.message;
      trouble.hidden = false;
      button.disabled = false;
    }
  }

  function finish(found) {
    const n = found.difference.added.length + found.difference.changed.length;
    return shown.loading(n > 0 ? `Load ${several(n, "account")}` : "Remember this", async () => {
      const done = await api("/api/crm/apply", { method: "POST", json: { ...body, choices, name: file.name.slice(0, 255), seen: found.seen } });
      await loadAccounts();
      said.text = `Loaded ${file.name}: ${done.added} new, ${done.changed} changed.`;
      if (done.import_id !== null) said.undo = () => takeBack(done.import_id);
    });
  }
}

async function takeBack(id) {
  const done = await api(`/api/crm/undo?import_id=${id}`, { method: "POST" });
  await loadAccounts();
  return `${done.file_name} is taken back: ${done.removed} removed, ${done.put_back} as before.`;
}

function intro(found) {
  const what = found.kind === "deals" ? "a deal" : "an account";
  const known = found.remembered ? " Its columns are known from last time." : "";
  return `${several(found.rows_n, "line")}, each ${what}.${known} Only what the file says changes; an empty cell changes nothing.`;
}

// Lines that cannot be read keep the whole file out, unless somebody leaves them out.
function faults(found, choices, answered) {
  if (found.faults.length === 0) return null;
  const boxes = found.faults.slice(0, LISTED).map((fault) => {
    const box = el("input", { type: "checkbox", onchange: () => {
      if (box.checked) choices.matches[fault.line] = "skip";
      else delete choices.matches[fault.line];
      answered();
    } });
    return el("li", {}, el("span", { dir: "auto" }, fault.text), el("label", { class: "check" }, box, " leave it out"));
  });
  const all = el("button", { type: "button", class: "link", onclick: () => {
    for (const fault of found.faults) choices.matches[fault.line] = "skip";
    for (const box of boxes) box.querySelector("input").checked = true;
    answered();
  } }, "Leave all of them out");
  return el("section", { "aria-label": "Lines that cannot be read" },
    el("p", { class: "notice bad" }, `${several(found.faults.length, "line")} cannot be read. Mend the file and choose it again, or leave them out.`),
    el("ul", { class: "faults" }, boxes), found.faults.length > 1 && all);
}

// What was answered can be asked again.
function said_(choices, again) {
  const lines = Object.entries(choices.matches);
  if (lines.length === 0) return null;
  const words = (to) => (to === "new" ? "a new account" : to === "skip" ? "left out" : el("bdi", {}, accounts.get(to)?.name ?? to));
  return el("details", {}, el("summary", {}, `You answered for ${several(lines.length, "line")}`),
    el("ul", { class: "faults" }, lines.slice(0, LISTED).map(([line, to]) => el("li", {}, `Line ${line}: `, words(to), " ",
      el("button", { type: "button", class: "link", "aria-label": `Ask again about line ${line}`, onclick: () => {
        delete choices.matches[line];
        again();
      } }, "ask again")))));
}

function base64(file) {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.addEventListener("load", () => resolve(reader.result.slice(reader.result.indexOf(",") + 1)));
    reader.addEventListener("error", () => reject(new Error("The file cannot be read; choose it again.")));
    reader.readAsDataURL(file);
  });
}
