// One quote as it is shown everywhere: the words, who said them, where, and how to hear them.

import { callPage } from "./api.js";
import { clipButton } from "./clips.js";
import { el } from "./element.js";
import { clock, day, DOUBTFUL, percent, ROLES, several } from "./format.js";
import { accountName, audible, calls } from "./known.js";
import { playButton } from "./player.js";

const shown = new WeakMap(); // figure → what it quotes
const NO_SOUND = "This call came as a transcript; there is no sound. Read it there.";

export function quoteBlock(quote, under = null) {
  const call = calls.get(quote.call_id);
  const at = quote.start_s === null ? "" : `?t=${quote.start_s}`;
  const page = `${callPage(quote.call_id)}${at}#u${quote.utterance}`;
  const title = call?.title ?? quote.call_id;
  const playable = audible(quote);
  const moment = {
    callId: quote.call_id, start: quote.start_s, end: quote.end_s, name: quote.speaker,
    from: `(${accountName(quote.account_id)})`, hash: `#u${quote.utterance}`,
  };
  const figure = el(
    "figure",
    { class: `quote ${quote.role}` },
    playable
      ? playButton(moment)
      : el("a", { class: "read", href: page, "aria-label": `Read it in the call: ${NO_SOUND}`, title: NO_SOUND }),
    el("blockquote", {}, quote.text),
    el(
      "figcaption",
      {},
      el("strong", {}, quote.speaker), ", ", el("bdi", {}, accountName(quote.account_id)),
      quote.role === "internal" && el("span", { class: "tag internal" }, ROLES.internal),
      quote.role_doubt >= DOUBTFUL && el("span", { class: "tag doubt", title: `The chance that ${quote.speaker} is no ${ROLES[quote.role]} is ${percent(quote.role_doubt)}; correct it in the call.` }, `role uncertain, ${percent(quote.role_doubt)}`),
      quote.hand === "third" && el("span", { class: "tag doubt", title: "They tell what others need or do, not what they need themselves." }, "hearsay: about others"),
      el("br"),
      el("a", { href: page }, title), call?.date ? ` · ${day(call.date)}` : "",
      quote.start_s === null ? "" : ` · ${clock(quote.start_s)}`,
      playable ? [" · ", clipButton(quote.call_id, quote.utterance, quote.speaker, quote.text)] : " · transcript only",
    ),
    under,
  );
  shown.set(figure, JSON.stringify([quote.call_id, quote.utterance, quote.text]));
  return figure;
}

export const sameQuote = (one, other) => shown.get(one) === shown.get(other);

// The first quotes, and the others folded away; `id` names the fold, so that it can be kept open.
export function quoteList(quotes, shown, { id = null, under = () => null } = {}) {
  const blocks = quotes.map((quote) => quoteBlock(quote, under(quote)));
  const rest = blocks.slice(shown);
  return [
    blocks.slice(0, shown),
    rest.length > 0 && el("details", { class: "more", id }, el("summary", {}, several(rest.length, "more quote")), rest),
  ];
}
