// What this home runs on, and what is sent where and when.

import { el, fill } from "./element.js";

export function showLeaving(place, leaving) {
  if (leaving.length === 0) {
    fill(place, el("p", { class: "notice good" }, "Nothing leaves this machine."),
      el("p", { class: "quiet" }, "Recordings are heard, read and searched here. Nothing is sent until somebody sets a language model, hosted transcription or a store elsewhere."));
    return;
  }
  const ways = Map.groupBy(leaving, (one) => `To ${one.where}, ${one.how}:`);
  fill(place, [...ways].map(([way, every]) => el("div", { class: "sent" },
    el("p", {}, el("strong", {}, way)),
    el("ul", {}, every.map((one) => el("li", {}, `${one.what}, ${one.when}`))))),
  el("p", { class: "quiet" }, "Nothing else leaves this machine."));
}

export function showMachine(place, machine) {
  fill(place,
    table(["Engine", "Which", "Where"], machine.engines.map(cells)),
    table(["Store", "Which", "Where"], machine.stores.map(cells)),
    el("dl", { class: "facts-list" }, facts(machine).map(([name, value]) => [el("dt", {}, name), el("dd", {}, value)])));
}

const cells = (one) => [one.what, one.which, one.where];

function facts(machine) {
  return [
    ["Version", machine.version],
    ...(machine.home === null ? [] : [["Home folder", machine.home]]),
    ["Free disk", `${machine.disk_free_gb.toLocaleString("en-US")} GB`],
    ...(machine.model ? [["Spent on the model", spent(machine)]] : []),
  ];
}

const cents = (usd) => `$${usd.toLocaleString("en-US", { minimumFractionDigits: 2, maximumFractionDigits: 2 })}`;

const spent = ({ spent_usd: usd, budget_usd: most }) =>
  `${cents(usd)}${most === null ? ", without a limit" : ` of at most ${cents(most)}`}`;

function table(names, rows) {
  return el("table", { class: "plain-table" },
    el("thead", {}, el("tr", {}, names.map((name) => el("th", { scope: "col" }, name)))),
    el("tbody", {}, rows.map(([first, ...rest]) =>
      el("tr", {}, el("th", { scope: "row" }, first), rest.map((text) => el("td", {}, text))))));
}
