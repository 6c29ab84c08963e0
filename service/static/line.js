// One line of a transcript: when, who, the words with the evidence in them, and what it is.

import { el } from "./element.js";
import { clock } from "./format.js";
import { counts } from "./call-data.js";

// `view` is {who, tone, again, playable, guessed, items}: the speaker and the number of their colour,
// whether the line before was theirs too, whether it can be played and only about where, and the
// evidence in the line.
export function lineOf(utterance, view) {
  const { who, items, playable, guessed } = view;
  const time = `${guessed ? "≈ " : ""}${clock(utterance.start_s)}`;
  const shown = items.filter(counts);
  const gone = items.filter((item) => item.status === "rejected");
  const line = el(
    "li",
    { id: `u${utterance.i}`, class: `${who.role} ${playable ? "playable" : ""}`, tabindex: -1 },
    playable
      ? el("button", { type: "button", class: "time", tabindex: -1, title: guessed ? "Not heard in the recording: it plays at the nearest moment" : null, "aria-label": `Play from ${guessed ? "about " : ""}${clock(utterance.start_s)}, ${who.name}` }, time)
      : el("span", { class: "time" }, time),
    el("span", { class: view.again ? "who again" : "who" }, el("span", { class: `tone-dot tone${view.tone}` }), el("bdi", {}, who.name)),
    el("p", { class: "words", dir: "auto" }, pieces(utterance.text, shown).map(([text, item]) =>
      (item ? el("mark", { class: item.kind }, text) : text))),
    el("span", { class: "margin" },
      [...new Set(shown.map((item) => item.kind))].map((kind) =>
        el("button", { type: "button", class: `kind ${kind}`, tabindex: -1, "aria-label": `${kind}: see the evidence in line ${utterance.i}` }, kind)),
      shown.length === 0 && gone.length > 0 && el("button", { type: "button", class: "kind gone", tabindex: -1, "aria-label": `No ${gone[0].kind} any more: see it in line ${utterance.i}` }, gone[0].kind),
      utterance.original !== null && el("button", { type: "button", class: "kind fixed", tabindex: -1, "aria-label": `Corrected: see what was heard in line ${utterance.i}` }, "corrected"),
      el("button", { type: "button", class: "more-of", tabindex: -1, "aria-expanded": "false", "aria-label": `What to do with line ${utterance.i}, ${who.name}` }, "⋯")),
  );
  line.dataset.i = utterance.i;
  return line;
}

// The text in pieces, each with the first item of evidence whose words it belongs to.
export function pieces(text, items) {
  const spans = items.map((item) => [...placeOf(text, item), item]).filter(([first]) => first >= 0);
  const cuts = [...new Set([0, text.length, ...spans.flatMap(([first, end]) => [first, end])])].sort((a, b) => a - b);
  return cuts.slice(1).map((end, n) => {
    const first = cuts[n];
    const span = spans.find((one) => one[0] <= first && end <= one[1]);
    return [text.slice(first, end), span?.[2]];
  });
}

// Where the words stand. The id ends in their place in whole characters, as Python counts them.
function placeOf(text, item) {
  const place = item.id.match(/:(\d+)-(\d+)$/);
  const units = (n) => Array.from(text).slice(0, n).join("").length;
  const [first, end] = place ? [units(+place[1]), units(+place[2])] : [-1, -1];
  if (text.slice(first, end) === item.quote) return [first, end];
  const at = text.indexOf(item.quote);
  return [at, at + item.quote.length];
}
