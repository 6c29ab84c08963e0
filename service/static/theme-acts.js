// What a person can do to a theme: rename, merge, split, pin, put aside; judge a quote. All can be undone.

import { api } from "./api.js";
import { byId, el, tell } from "./element.js";
import { money, several } from "./format.js";
import { filters } from "./themes-address.js";

const STATUSES = ["open", "planned", "shipped", "declined"];
const KINDS = ["pain", "request", "praise", "risk", "competitor"];
const dialog = byId("theme-edit");
const codeApi = (id) => `/api/codes/${encodeURIComponent(id)}`;

export function actions(theme, { code, codes, change, split, splitting }) {
  const { label } = theme;
  const others = codes.filter((one) => one.id !== theme.id);
  const act = (words, onclick) => el("button", { type: "button", onclick }, words);
  return el("p", { class: "row theme-acts", "data-needs": "editor" },
    code && standing(code, change),
    act("Rename", () => renaming(code ?? theme, change)),
    others.length > 0 && act("Merge …", () => merging(theme, others, change)),
    split && !splitting && act("Split …", () => split(true)),
    act(theme.pinned ? "Unpin" : "Pin", () => change.patch(codeApi(theme.id), { pinned: !theme.pinned }, theme.pinned ? `“${label}” is ranked as the others are.` : `“${label}” stays on top.`)),
    act("Put aside", () => change.patch(codeApi(theme.id), { state: "dismissed" }, `“${label}” is put aside.`, { closes: true })));
}

// What became of the need: once it has shipped, whoever voiced it is to hear of it.
function standing(code, change) {
  const said = { shipped: `“${code.label}” has shipped: see “Close the loop” for who is to hear of it.` };
  return el("label", { class: "pick" }, el("span", {}, "It is"), el("select", {
    name: "status", onchange: (event) => change.patch(codeApi(code.id), { status: event.target.value }, said[event.target.value] ?? `“${code.label}” is ${event.target.value}.`),
  }, STATUSES.map((status) => el("option", { value: status, selected: status === code.status }, status))));
}

export function judging(theme, quote, { code, change }) {
  const confirmed = (code?.examples ?? []).some((words) => words.includes(quote.text));
  const button = (verdict, words, sentence) => el("button", { type: "button", class: "link", "data-needs": "editor", onclick: () => change.post(
    `${codeApi(theme.id)}/judge`, { call_id: quote.call_id, utterance: quote.utterance, verdict }, sentence) }, words);
  return el("div", { class: "judge" },
    confirmed
      ? [el("span", { class: "tag sound" }, "belongs here, you said"), button("clear", "Take that back", `${quote.speaker}’s words are open again.`)]
      : button("confirm", "Belongs here", `${quote.speaker}’s words belong to “${theme.label}”.`),
    button("reject", "Does not belong", `${quote.speaker}’s words no longer count for “${theme.label}”.`));
}

// A small form in a dialog; `submit(fields, problem)` does it and says whether it went well.
function ask(title, fields, words, submit) {
  const problem = byId("theme-edit-problem");
  byId("theme-edit-title").textContent = title;
  byId("theme-edit-fields").replaceChildren(...fields);
  byId("theme-edit-do").textContent = words;
  tell(problem, "");
  byId("theme-edit-form").onsubmit = async (event) => {
    event.preventDefault();
    tell(problem, "");
    if (await submit(event.target.elements, problem)) dialog.close();
  };
  dialog.showModal();
  byId("theme-edit-fields").querySelector("input, select").focus();
}

byId("theme-edit-cancel").addEventListener("click", () => dialog.close());

function renaming(code, change) {
  const field = (name, control) => el("label", {}, name, control);
  ask("Rename this theme", [
    field("Name", el("input", { name: "label", maxlength: 200, required: true, value: code.label, autocomplete: "off" })),
    field("What it means", el("textarea", { name: "definition", maxlength: 5000, rows: 4 }, code.definition)),
    field("Kind", el("select", { name: "kind" }, KINDS.map((kind) => el("option", { value: kind, selected: kind === code.kind }, kind)))),
  ], "Save", ({ label, definition, kind }, problem) => {
    const wanted = { label: label.value.trim(), definition: definition.value.trim(), kind: kind.value };
    const changed = Object.fromEntries(Object.entries(wanted).filter(([name, value]) => value !== code[name]));
    if (Object.keys(changed).length === 0) return true;
    const said = changed.label ? (now) => `“${code.label}” is “${now.label}” now.` : `“${code.label}” is changed.`;
    return change.patch(codeApi(code.id), changed, said, { problem });
  });
}

function merging(theme, others, change) {
  const preview = el("p", { class: "theme-preview", role: "status" });
  const keep = el("fieldset", {}, el("legend", {}, "Which name stays?"));
  const other = el("select", { name: "other", "aria-label": "The other theme", onchange: look },
    others.map((one) => el("option", { value: one.id }, one.label)));
  let turn = 0;
  ask(`Merge “${theme.label}” with`, [other, preview, keep], "Merge", ({ name }, problem) => {
    const into = name.value;
    const [gone] = [theme.id, other.value].filter((id) => id !== into);
    return change.post(`${codeApi(into)}/merge`, { ids: [gone] }, (kept) => `Both are “${kept.label}” now.`, { problem, opens: into });
  });
  look();

  async function look() {
    const mine = ++turn;
    const chosen = others.find((one) => one.id === other.value);
    keep.replaceChildren(keep.firstChild, choice(theme, true), choice(chosen, false));
    preview.textContent = "Adding up …";
    const asked = filters();
    for (const id of [theme.id, chosen.id]) asked.append("id", id);
    try {
      const sum = await api(`/api/themes/together?${asked}`);
      if (mine === turn) preview.replaceChildren(...together(sum));
    } catch (problem) {
      if (mine === turn) preview.textContent = problem.status === 404 ? "Nobody in these accounts spoke of one of them, so the figures stay as they are." : problem.message;
    }
  }
}

const choice = (one, checked) => el("label", { class: "row" }, el("input", { type: "radio", name: "name", value: one.id, checked }), el("span", {}, one.label));

const together = (sum) => [
  el("strong", {}, `${several(sum.accounts_n, "account")}, ${money(sum.arr_usd)} a year`),
  ` together, ${sum.top_accounts_n} of the Top 20, ${several(sum.mentions_n, "mention")}. `,
  sum.shared_n === 0 ? "No account is in both." : `${several(sum.shared_n, "account is", "accounts are")} in both and ${sum.shared_n === 1 ? "counts" : "count"} once.`,
];
