// Finding words to cite among the quotes that the memo has already.

import { el } from "./element.js";
import { accountName } from "./known.js";
import { quoteBlock } from "./quote.js";

const SHOWN = 5;

// `cite(citation)` puts it where the cursor is.
export function citing(notes, cite) {
  const places = new Map(notes.map(({ quote }) => [`${quote.call_id}:${quote.utterance}`, quote]));
  const quotes = [...places.values()];
  const field = el("input", { type: "search", id: "memo-find", placeholder: "A word, a name, an account", autocomplete: "off" });
  const list = el("div", { class: "memo-cites" });
  const show = () => {
    const wanted = field.value.trim().toLowerCase();
    const found = wanted ? quotes.filter((quote) => told(quote).includes(wanted)) : [];
    list.replaceChildren(
      wanted && found.length === 0 ? el("p", { class: "quiet" }, "None of this memo's quotes has that.") : "",
      ...found.slice(0, SHOWN).map((quote) => quoteBlock(quote, button(quote, cite))),
    );
  };
  field.addEventListener("input", show);
  return el(
    "section",
    { class: "memo-citing", "aria-labelledby": "memo-citing-title" },
    el("h2", { id: "memo-citing-title" }, "Cite a quote"),
    el("label", { for: "memo-find", class: "quiet" }, `Among the ${quotes.length} quotes of this memo`),
    field,
    list,
  );
}

const told = (quote) => `${quote.text} ${quote.speaker} ${accountName(quote.account_id)}`.toLowerCase();

function button(quote, cite) {
  return el("button", { type: "button", class: "memo-cite", onclick: () => cite(citation(quote)) }, "Cite it at the cursor");
}

// As service/edited/text.py writes it.
function citation(quote) {
  const call = encodeURIComponent(quote.call_id).replaceAll("%20", " ").replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
  return `[^${call}:${quote.utterance}]`;
}
