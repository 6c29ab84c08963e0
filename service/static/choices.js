// Filling a select from data.

import { el } from "./element.js";

// [id, name] of accounts, by name.
export const byName = (rows) =>
  rows.map((row) => [row.account_id, row.name]).sort((a, b) => a[1].localeCompare(b[1]));

// The first option ("any") stays; the choice stays where it is still there.
export function options(select, pairs) {
  const chosen = select.value;
  select.replaceChildren(
    ...(select.options.length > 0 ? [select.options[0]] : []),
    ...pairs.map(([value, text]) => el("option", { value }, text)),
  );
  select.value = pairs.some(([value]) => value === chosen) ? chosen : "";
}
