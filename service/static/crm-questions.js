// What only a person can say of a CRM's file: which column is what, and whose its lines are.

import { byName } from "./choices.js";
import { el } from "./element.js";
import { several } from "./format.js";
import { accounts } from "./known.js";

const FIELDS = [
  ["", "left out"], ["account_id", "account id"], ["name", "account name"], ["arr_usd", "revenue a year"],
  ["currency", "currency of the revenue"], ["tier", "tier"], ["segment", "segment"], ["region", "region"],
  ["renewal_date", "renewal"], ["health", "health"], ["owner", "owner"], ["domains", "website or domain"],
  ["aliases", "other name"], ["stage", "stage of the deal"], ["deleted", "deleted in the CRM"],
];
const SEVERAL = 6; // doubtful lines from which on they can be answered at once
const LISTED = 50; // doubtful lines asked at a time
const ANOTHER = "*";

// The columns with a select each; those that nobody proposes anything for stand apart.
export function mapping(found, choices, answered) {
  const asked = found.questions.find((one) => one.about === "mapping");
  const listed = found.columns.filter((one) => one.field || one.why);
  const rest = found.columns.filter((one) => !one.field && !one.why);
  const kind = select("What a line is", [["accounts", "an account"], ["deals", "a deal"]], found.kind, (value) => {
    choices.kind = value;
    answered();
  });
  return el("details", { open: Boolean(asked) }, el("summary", {}, "Which column is what"),
    asked && el("p", { class: "notice" }, asked.text),
    el("label", { class: "pick" }, el("span", {}, "Each line is"), kind),
    columns(listed, choices, answered),
    rest.length > 0 && el("details", { open: listed.length === 0 }, el("summary", {}, several(rest.length, "column"), " left out"), columns(rest, choices, answered)));
}

function columns(listed, choices, answered) {
  return el("table", { class: "list mapping" },
    el("thead", {}, el("tr", {}, ["Column", "What it is", "Its values"].map((name) => el("th", { scope: "col" }, name)))),
    el("tbody", {}, listed.map((one) => el("tr", {},
      el("th", { scope: "row", dir: "auto" }, one.column),
      el("td", {}, select(`What ${one.column} is`, FIELDS, one.field ?? "", (value) => {
        choices.columns[one.column] = value;
        answered();
      })),
      el("td", { class: "quiet" }, one.samples.map((value, n) => [n > 0 && " · ", el("bdi", {}, value)]),
        !one.field && one.why && el("span", { class: "why" }, one.why))))));
}

// All questions but the one about the mapping; those about single lines only with `lines`.
export function questions(found, choices, answered, { lines: withLines }) {
  const ofLine = (one) => one.about === "match" || one.about === "twice";
  const open = found.questions.filter((one) => one.about !== "mapping" && (withLines || !ofLine(one)));
  if (open.length === 0) return null;
  const lines = open.filter(ofLine);
  return el("section", { class: "questions", "aria-label": "Questions" },
    open.filter((one) => !lines.includes(one)).map((one) => el("div", {}, el("p", {}, one.text), ASK[one.about](one, choices, answered))),
    lines.length >= SEVERAL && others(lines.length, choices, answered),
    lines.slice(0, LISTED).map((one) => whose(one, choices, answered)),
    lines.length > LISTED && el("p", { class: "quiet" }, `${(lines.length - LISTED).toLocaleString("en-US")} more lines are asked about after these.`));
}

const ASK = {
  dates: (_, choices, answered) => select("Which comes first", [["", "choose …"], ["dmy", "the day: 3/4 is 3 April"], ["mdy", "the month: 3/4 is 4 March"]], "", (value) => {
    choices.dates = value || null;
    answered();
  }),
  decimal: (_, choices, answered) => select("What stands before cents", [["", "choose …"], ["point", "a point: 1,234.50"], ["comma", "a comma: 1.234,50"]], "", (value) => {
    choices.decimal = value || null;
    answered();
  }),
  rate: (one, choices, answered) => el("label", { class: "pick" }, el("span", {}, `Dollars for one ${one.currency}`),
    el("input", { type: "number", min: 0, step: "any", onchange: (event) => {
      const rate = event.target.valueAsNumber;
      if (rate > 0) choices.rates[one.currency] = rate;
      else delete choices.rates[one.currency];
      answered();
    } })),
  stages: (one, choices, answered) => {
    const chosen = new Set(choices.stages ?? []);
    return el("fieldset", { class: "stages" }, el("legend", {}, "Stages that count; none leaves amounts out"),
      one.stages.map(({ stage, deals_n }) => el("label", { class: "check" }, el("input", { type: "checkbox", checked: chosen.has(stage), onchange: (event) => {
        if (event.target.checked) chosen.add(stage);
        else chosen.delete(stage);
        choices.stages = [...chosen];
        answered();
      } }), " ", el("bdi", {}, stage || "no stage"), el("span", { class: "quiet" }, ` ${several(deals_n, "deal")}`))),
      el("button", { type: "button", class: "link", onclick: () => {
        choices.stages = [];
        answered();
      } }, "Leave amounts out"));
  },
};

function others(n, choices, answered) {
  const ways = [["", "asks me for each"], ["new", "takes the others for new accounts"], ["skip", "leaves the others out"]];
  return el("label", { class: "pick" }, el("span", {}, `${several(n, "doubtful line")}: the file`),
    select("What becomes of doubtful lines", ways, choices.others ?? "", (value) => {
      choices.others = value || null;
      answered();
    }));
}

function whose(one, choices, answered) {
  const choice = select(one.text, [
    ["", "choose …"],
    ...one.candidates.map((account) => [account.account_id, `${account.name}: ${account.why}`]),
    ...(one.may_be_new ? [["new", "a new account"]] : []),
    ["skip", "leave it out"],
    ...(one.about === "match" ? [[ANOTHER, "another account …"]] : []),
  ], "", (value) => {
    if (value === ANOTHER) return everybody(choice);
    if (value) choices.matches[one.line] = value;
    else delete choices.matches[one.line];
    return answered();
  });
  return el("label", { class: "whose" }, el("span", { dir: "auto" }, one.text), choice);
}

function everybody(choice) {
  const pairs = [["", "choose …"], ...byName([...accounts.values()]), ["skip", "leave it out"]];
  choice.replaceChildren(...pairs.map(([value, text]) => el("option", { value }, text)));
  choice.focus();
}

function select(label, pairs, chosen, change) {
  const made = el("select", { "aria-label": label, onchange: () => change(made.value) },
    pairs.map(([value, text]) => el("option", { value, selected: value === chosen }, text)));
  return made;
}
