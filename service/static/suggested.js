// Questions worth asking of what is there, as the server works them out.

import { api } from "./api.js";
import { byId, el } from "./element.js";

// `ask(question, filters)` asks one of them.
export async function loadSuggested(ask) {
  const found = await api("/api/ask/suggestions");
  byId("suggested-none").hidden = found.length > 0;
  byId("suggested-list").replaceChildren(...found.map((one) => el("li", {},
    el("button", { type: "button", onclick: () => ask(one.question, one.filters) },
      el("strong", {}, one.question), el("span", { class: "quiet" }, one.why)))));
}
