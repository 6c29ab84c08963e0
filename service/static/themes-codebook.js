// The codebook around the ranking: what nobody spoke of, what is put aside, own themes, files, history.

import { api } from "./api.js";
import { byId, el, onSubmit } from "./element.js";
import { moment, several } from "./format.js";

const HISTORY_SHOWN = 10;
const shown = (id, n) => {
  byId(id).hidden = n === 0;
  const count = byId(`${id}-n`);
  if (count) count.textContent = n > 0 ? String(n) : "";
};

// `codes` with the dismissed ones; `heard` are the ids of those somebody spoke of.
export function drawCodebook({ codes, heard, changes }, { change, open, undo }) {
  const unheard = codes.filter((code) => code.state === "active" && !heard.has(code.id));
  const aside = codes.filter((code) => code.state === "dismissed");
  byId("unheard-list").replaceChildren(...unheard.map((code) => el("li", { class: "row" },
    el("button", { type: "button", class: "opens", onclick: () => open(code.id, null) }, code.label), el("span", { class: "tag" }, code.kind))));
  byId("aside-list").replaceChildren(...aside.map((code) => el("li", { class: "row" },
    el("span", {}, el("strong", {}, code.label), code.examples.length > 0 && el("q", { class: "clipped" }, code.examples[0])),
    el("button", { type: "button", "data-needs": "editor", onclick: () => change.patch(`/api/codes/${encodeURIComponent(code.id)}`, { state: "active" }, `“${code.label}” is back.`) }, "Take it back"))));
  byId("history-list").replaceChildren(...changes.slice(0, HISTORY_SHOWN).map((one, n) => el("li", { class: "row" },
    el("span", {}, capital(one.what), el("span", { class: "clipped" }, moment(one.at))),
    n === 0 && el("button", { type: "button", "data-needs": "editor", onclick: undo }, "Undo"))));
  shown("unheard", unheard.length);
  shown("aside", aside.length);
  shown("history", changes.length);
  byId("take-home").hidden = !codes.some((code) => code.state === "active");
}

const capital = (words) => words.charAt(0).toUpperCase() + words.slice(1);

export function startCodebook(change) {
  const form = byId("new-code");
  onSubmit(form, async () => {
    const { label, definition, kind } = form.elements;
    const json = { label: label.value, definition: definition.value, kind: kind.value };
    if (!(await change.post("/api/codes", json, (code) => `Added “${code.label}”.`, { focus: "codebook-title" }))) return;
    form.reset();
    byId("own").open = false;
  });
  byId("load-codes").addEventListener("click", () => byId("codes-file").click());
  byId("codes-file").addEventListener("change", async (event) => {
    const [file] = event.target.files;
    if (!file) return;
    const type = /\.csv$/i.test(file.name) ? "text/csv" : "application/yaml";
    await change(() => api("/api/codebook", { method: "PUT", body: file, type }),
      (codes) => `Loaded ${several(codes.length, "theme")} from ${file.name}.`, { focus: "codebook-title" });
    event.target.value = "";
  });
}
