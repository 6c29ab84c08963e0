// The form above a table: words and choices that narrow it. What is chosen stands in the address, so
// that going back to a list finds it as it was.

import { byId } from "./element.js";
import { several } from "./format.js";

const FIELDS = { q: "find-words", show: "find-sort", account: "find-account" };
const field = (name) => document.getElementById(FIELDS[name]); // not every room has all of them

// `then()` is called at every change.
export function startNarrowing(then) {
  const form = byId("find");
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("input", () => {
    const query = new URLSearchParams();
    for (const name of Object.keys(FIELDS)) if (field(name)?.value) query.set(name, field(name).value);
    history.replaceState(null, "", query.size ? `?${query}` : location.pathname);
    then();
  });
  byId("find-clear").addEventListener("click", () => {
    form.reset();
    form.dispatchEvent(new Event("input"));
    byId("find-words").focus();
  });
}

let asked = new URLSearchParams(location.search);

// Puts what the address says into the form, once, when the choices it may name are there.
export function restore() {
  for (const [name, value] of asked) {
    const place = FIELDS[name] && field(name);
    if (!place) continue;
    place.value = value;
    if (place.selectedIndex < 0) place.value = ""; // a choice that is gone
  }
  asked = new URLSearchParams();
}

// `{words, show, account}`; words are in lower case, each to be found.
export const narrowed = () => ({
  words: byId("find-words").value.toLowerCase().split(/\s+/).filter(Boolean),
  show: byId("find-sort").value,
  account: field("account")?.value ?? "",
});

// Says how many were found; `noun` is one of them.
export function tellFound(found, all, noun) {
  byId("find").hidden = all === 0;
  byId("find-clear").hidden = !Object.keys(FIELDS).some((name) => field(name)?.value);
  byId("find-said").textContent = found === all ? "" : found === 0
    ? `No ${noun} is like that.`
    : `${found.toLocaleString("en-US")} of ${several(all, noun)}`;
}
