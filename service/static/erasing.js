// Erasing a person from all calls: what would go is said first, by the figures of the server.

import { api } from "./api.js";
import { byId, el, onSubmit, tell } from "./element.js";

const form = byId("erase-person");
const really = byId("erase-really");

const whom = () => ({
  name: form.elements.name.value.trim(),
  also: form.elements.also.value.split(",").map((one) => one.trim()).filter(Boolean),
});

let looked = null; // whom the list is about

export function startErasing() {
  onSubmit(form, look);
  form.addEventListener("input", forget);
  really.addEventListener("click", erase);
}

function forget() {
  looked = null;
  really.hidden = true;
  byId("erase-goes").replaceChildren();
  tell(byId("erase-said"), "");
}

async function look() {
  forget();
  const wanted = whom();
  const query = new URLSearchParams([["name", wanted.name], ...wanted.also.map((one) => ["also", one])]);
  try {
    const goes = await api(`/api/people/erasure?${query}`);
    show(goes);
    looked = wanted;
    really.hidden = goes.calls.length === 0 && goes.named.length === 0;
  } catch (problem) {
    tell(byId("erase-said"), problem.message);
  }
}

async function erase() {
  really.disabled = true;
  tell(byId("erase-said"), "Erasing; recordings are written anew, which takes a while …");
  try {
    const gone = await api("/api/people/erasure", { method: "POST", json: looked });
    form.reset();
    forget();
    show(gone);
    tell(byId("erase-said"), `${gone.name} is erased. What went:`);
  } catch (problem) {
    tell(byId("erase-said"), problem.message);
  } finally {
    really.disabled = false;
  }
}

const show = (goes) => byId("erase-goes").replaceChildren(...goes.sentences.map((one) => el("li", { dir: "auto" }, one)));
