// A version of a memo as it is read: the text, and beside it the quotes it rests on, which play.

import { el } from "./element.js";
import { several } from "./format.js";
import { memoPage } from "./memo-links.js";
import { quoteBlock } from "./quote.js";
import { svg } from "./svg.js";

const BESIDE = 2; // quotes shown in full beside a paragraph; the others are folded
const GEOMETRY = new Set(["cx", "cy", "d", "height", "r", "rx", "text-anchor", "transform", "width", "x", "x1", "x2", "y", "y1", "y2"]);

// The document's elements. `editable` is whether headings lead to the editor.
export function documentOf(found, editable) {
  const notes = { by: new Map(found.notes.map((note) => [note.number, note])), shown: new Set() };
  return el(
    "article",
    { class: "memo", "aria-label": found.title },
    facts(found.facts),
    contents(found.sections),
    found.sections.map((section, n) => el(
      "section",
      { "aria-labelledby": `part-${n}` },
      el(
        "div",
        { class: "memo-part" },
        el("h2", { id: `part-${n}`, dir: "auto", tabindex: "-1" }, section.title),
        editable && el("a", { class: "memo-edit", "data-needs": "editor", href: memoPage(found.memo_id, { edit: section.title }), "aria-label": `Edit “${section.title}”` }, "Edit"),
      ),
      blocks(section.blocks ?? [], notes),
    )),
  );
}

function facts(every) {
  return el("dl", { class: "memo-facts" }, every.map(([value, label]) => el("div", {}, el("dt", {}, label), el("dd", {}, value))));
}

function contents(sections) {
  return el(
    "details",
    { class: "memo-contents" },
    el("summary", {}, "Contents"),
    el("nav", { "aria-label": "Contents" }, el("ol", {}, sections.map((section, n) => el("li", {}, el("a", { href: `#part-${n}`, dir: "auto" }, section.title))))),
  );
}

// Bullets that follow one another are one list, each still with its quotes beside it.
function blocks(every, notes) {
  const made = [];
  let list = null;
  for (const block of every) {
    const item = block.kind === "prose" && (block.tone === "bullet" || block.tone === "prompt");
    if (!item) list = null;
    else if (list === null) made.push((list = el("ul", { class: "memo-list" })));
    (item ? list : made)[item ? "append" : "push"](row(item ? "li" : "div", block, notes));
  }
  return made;
}

function row(tag, block, notes) {
  if (block.kind === "said") return said(tag, block, notes);
  const numbers = [...new Set((block.words ?? []).flatMap((words) => words.notes ?? []))];
  return el(tag, { class: `memo-line ${block.tone ?? ""}` }, words(block), beside(numbers, notes, (block.words ?? []).map((one) => one.text ?? "").join("")));
}

function words(block) {
  if (block.kind === "heading") {
    return el("div", {}, el("h3", { dir: "auto" }, block.text), block.facts && el("p", { class: "quiet" }, block.facts));
  }
  if (block.kind === "table") return table(block.table);
  if (block.kind === "chart") return chart(block);
  return el("p", { dir: "auto", class: block.tone === "quiet" ? "quiet" : null }, (block.words ?? []).map(span));
}

function span(one) {
  let shown = one.text ?? "";
  if (one.italic) shown = el("em", {}, shown);
  if (one.bold) shown = el("strong", {}, shown);
  if (one.doubted) shown = el("mark", { class: "doubted" }, shown);
  const marks = (one.notes ?? []).map((n, i) => [i > 0 && ",", el("a", { href: `#note-${n}`, "aria-label": `Quote ${n}` }, String(n))]);
  return [
    shown,
    marks.length > 0 && el("sup", {}, marks),
    one.doubt && [" ", el("span", { class: "tag doubt" }, one.doubt)],
  ];
}

function said(tag, block, notes) {
  const note = notes.by.get(block.notes[0]);
  notes.shown.add(note.number);
  return el(tag, { class: "memo-line" }, el("div", { id: `note-${note.number}`, class: "memo-said-quote" }, quoteBlock(note.quote)));
}

// Quotes beside the text: in full where they come first, a number where they were shown before.
function beside(numbers, notes, text) {
  if (numbers.length === 0) return null;
  const fresh = numbers.filter((n) => !notes.shown.has(n));
  for (const n of fresh) notes.shown.add(n);
  const made = fresh.map((n) => noted(notes.by.get(n), text));
  const rest = made.splice(BESIDE);
  const again = numbers.filter((n) => !fresh.includes(n));
  if (made.length === 0) return null;
  return el(
    "aside",
    { class: "memo-notes", "aria-label": "Quotes" },
    made,
    rest.length > 0 && el("details", {}, el("summary", {}, several(rest.length, "more quote")), rest),
    again.length > 0 && el("p", { class: "quiet" }, "See also ", again.map((n, i) => [i > 0 && ", ", el("a", { href: `#note-${n}` }, String(n))])),
  );
}

// Words that the text shows in full are not repeated.
function noted(note, text) {
  const brief = text.includes(note.quote.text.replace(/\s+/g, " ").trim());
  return el("div", { id: `note-${note.number}`, class: `memo-note${brief ? " brief" : ""}` }, el("span", { class: "memo-number", "aria-hidden": "true" }, String(note.number)), quoteBlock(note.quote));
}

function table(one) {
  const side = (n) => ((one.numbers ?? []).includes(n) ? "number" : null);
  return el(
    "div",
    { class: "memo-wide", tabindex: "0", role: "group", "aria-label": "Table" },
    el(
      "table",
      { class: "memo-table" },
      el("thead", {}, el("tr", {}, one.columns.map((cell, n) => el("th", { scope: "col", class: side(n) }, cell)))),
      el("tbody", {}, one.rows.map((cells) => el("tr", {}, cells.map((cell, n) => el("td", { class: side(n), dir: "auto" }, cell))))),
    ),
  );
}

function chart(block) {
  const shapes = (block.shapes ?? []).map((shape) => {
    const given = shape.attributes ?? {};
    const kept = Object.fromEntries(Object.entries(given).filter(([name]) => GEOMETRY.has(name)));
    const size = given["font-size"] ? ` s${Math.round(Number(given["font-size"]))}` : "";
    const look = `${shape.colour}${size}${given["font-weight"] ? " bold" : ""}${given["fill-opacity"] ? " faint" : ""}`;
    return svg(shape.tag, { ...kept, class: look }, shape.text ?? "");
  });
  return el(
    "figure",
    { class: "memo-chart" },
    el("figcaption", {}, block.text),
    svg("svg", { viewBox: block.size, role: "img", "aria-label": block.facts }, shapes),
    el("details", {}, el("summary", {}, "The same as a table"), table(block.table)),
  );
}
