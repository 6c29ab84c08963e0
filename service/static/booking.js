// Whom to call next, and noting that a call is booked. What is booked can be taken back.

import { api } from "./api.js";
import { accountPage } from "./board.js";
import { byId, el, fill, tell } from "./element.js";
import { day } from "./format.js";
import { accountName } from "./known.js";

const FIRST = 5;

let open = null; // the account whose day is being chosen: kept over a reload of the room

// `reload()` shows the home anew.
export function showNext(place, home, reload) {
  const { next_calls: next, board } = home.coverage;
  const booked = board.filter((row) => row.booked);
  if (open !== null && place.contains(document.activeElement)) return; // somebody is typing there
  fill(
    place,
    next.length > 0
      ? listed(next, home, reload)
      : el("p", {}, nobody(home)),
    booked.length > 0 && el("h3", {}, "Booked"),
    booked.length > 0 && el("ul", { class: "booked" }, booked.map((row) => taken(row, reload))),
  );
}

// Ten are a plan for two weeks; the first few are for today.
function listed(next, home, reload) {
  const lines = next.map((one) => line(one, home, reload));
  const rest = lines.slice(FIRST);
  const isOpen = next.slice(FIRST).some((one) => one.account_id === open);
  return [
    el("ol", { class: "next" }, lines.slice(0, FIRST)),
    rest.length > 0 && el("details", { open: isOpen }, el("summary", {}, `${rest.length} more`), el("ol", { class: "next rest" }, rest)),
  ];
}

function nobody({ coverage, accounts_n: n }) {
  if (n === 0) return "Load your accounts to see whom you have not heard.";
  return coverage.accounts_booked.length > 0 ? "Everybody silent is booked." : "Everybody on the board has been heard.";
}

function line(one, home, reload) {
  const name = accountName(one.account_id);
  const form = el("div", {});
  const button = el("button", { type: "button", "data-needs": "editor", "aria-label": `Book a call with ${name}`, onclick: () => choose(form, button, one, home, reload) }, "Book");
  const made = el("li", {},
    el("p", { class: "row" }, el("a", { href: accountPage(one.account_id) }, el("strong", {}, name)), button),
    el("p", { class: "quiet" }, sentence(one.why)), form);
  if (open === one.account_id) choose(form, button, one, home, reload);
  return made;
}

const sentence = (text) => `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;

function choose(form, button, one, home, reload) {
  open = one.account_id;
  const close = () => {
    open = null;
    form.replaceChildren();
    button.hidden = false;
    button.focus();
  };
  const input = el("input", { type: "date", min: home.today, required: true, id: `day-${one.account_id}` });
  const wrong = el("p", { class: "notice bad", role: "alert", hidden: true });
  const made = el("form", { class: "row book", onsubmit: async (event) => {
    event.preventDefault();
    try {
      await book(one.account_id, input.value, reload);
    } catch (problem) {
      tell(wrong, problem.message);
      input.focus();
    }
  }, onkeydown: (event) => { if (event.key === "Escape") close(); } },
  el("label", { for: input.id }, "Day of the call"), input, el("button", { class: "main" }, "Save"),
  el("button", { type: "button", class: "plain", onclick: close }, "Cancel"));
  form.replaceChildren(made, wrong);
  button.hidden = true;
  input.focus();
}

function taken(row, reload) {
  const back = async () => {
    try {
      await book(row.account_id, null, reload, row.booked);
    } catch (problem) {
      say(problem.message, true);
    }
  };
  return el("li", { class: "row" },
    el("a", { href: accountPage(row.account_id) }, row.name), el("time", { datetime: row.booked }, day(row.booked)),
    row.booked_by === "calendar"
      ? el("span", { class: "quiet" }, "in a calendar")
      : el("button", { type: "button", class: "link", "data-needs": "editor", "aria-label": `Take back the call with ${row.name}`, onclick: back }, "Take back"));
}

async function book(id, date, reload, before = null) {
  await api(`/api/accounts/${encodeURIComponent(id)}/booked`, { method: "PUT", json: { date } });
  open = null;
  await reload();
  const name = accountName(id);
  const undo = () => book(id, before, reload, date).catch((problem) => say(problem.message, true));
  say([date ? `A call with ${name} is booked for ${day(date)}.` : `The call with ${name} is taken back.`,
    " ", el("button", { type: "button", class: "link", onclick: undo }, "Undo")]);
  byId("next-title").focus({ preventScroll: true });
}

function say(content, bad = false) {
  const place = byId("next-said");
  fill(place, ...[content].flat());
  place.classList.toggle("bad", bad);
  place.hidden = false;
}
