// Copying with citations: each sentence followed by the words it rests on, and where to hear them.

import { callPage } from "./api.js";
import { el } from "./element.js";
import { clock, day } from "./format.js";
import { accountName, calls } from "./known.js";
import { within } from "./within.js";
import { outward } from "./workspace.js";

// Puts the same onto the clipboard as text and as a page's markup; as Markdown when asked to.
export async function copy(title, statements, { markdown = false } = {}) {
  const text = (markdown ? asMarkdown : asText)(title, statements);
  const kinds = { "text/plain": text };
  if (!markdown) kinds["text/html"] = asMarkup(title, statements);
  await put(kinds);
}

export const copyText = (text) => put({ "text/plain": text });

// The question with what it was asked of.
export function titleOf(answer) {
  const of = within(answer.filters);
  const c = answer.coverage;
  return `${answer.question} (${[...of, `heard ${c.accounts_heard} of ${c.accounts_in_scope} accounts`].join(", ")})`;
}

function citation(quote) {
  const call = calls.get(quote.call_id);
  const at = quote.start_s === null ? "" : `?t=${quote.start_s}`;
  const link = outward(`${callPage(quote.call_id)}${at}#u${quote.utterance}`);
  const told = [
    quote.speaker, accountName(quote.account_id), call?.title ?? quote.call_id,
    call?.date && day(call.date), clock(quote.start_s),
  ].filter(Boolean).join(", ");
  return { words: quote.text.replace(/\s+/g, " ").trim(), told, link };
}

const cited = (statements) => statements.map((one) => ({ text: one.text, quotes: one.quotes.map(citation) }));

function asText(title, statements) {
  const blocks = cited(statements).map(({ text, quotes }) =>
    [text, ...quotes.map(({ words, told, link }) => `  “${words}” — ${told}, ${link}`)].join("\n"));
  return [title, ...blocks].join("\n\n") + "\n";
}

function asMarkdown(title, statements) {
  const blocks = cited(statements).map(({ text, quotes }) =>
    [plain(text), ...quotes.map(({ words, told, link }) => `> “${plain(words)}” — ${plain(told)}, <${link}>`)].join("\n\n"));
  return [`## ${plain(title)}`, ...blocks].join("\n\n") + "\n";
}

// What people said has no say in how it is set.
const plain = (text) => text.replace(/\s+/g, " ").replace(/[\\`*_{}[\]<>#|~]/g, "\\$&").replace(/^([-+]|\d+[.)])/, "\\$1");

function asMarkup(title, statements) {
  const page = el("div", {}, el("p", {}, el("strong", {}, title)),
    cited(statements).map(({ text, quotes }) => [el("p", {}, text), quotes.map((quote) => {
      const link = el("a", {}, "listen");
      link.setAttribute("href", quote.link); // whole: it is to work elsewhere
      return el("blockquote", {}, `“${quote.words}” — ${quote.told}, `, link);
    })]));
  return new XMLSerializer().serializeToString(page);
}

// Raises where the browser refuses.
async function put(kinds) {
  if (navigator.clipboard?.write) {
    const blobs = Object.entries(kinds).map(([kind, text]) => [kind, new Blob([text], { type: kind })]);
    await navigator.clipboard.write([new ClipboardItem(Object.fromEntries(blobs))]);
    return;
  }
  // A page that is not reached over https or loopback has no clipboard but this.
  const give = (event) => {
    event.preventDefault();
    for (const [kind, text] of Object.entries(kinds)) event.clipboardData.setData(kind, text);
  };
  document.addEventListener("copy", give, { once: true });
  if (!document.execCommand("copy")) throw new Error("This browser does not let the page copy.");
}
