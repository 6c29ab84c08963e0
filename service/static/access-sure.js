// A question before what cannot be taken back, with a field where something is to be given for it.

import { byId, tell } from "./element.js";

const dialog = byId("access-sure");
const form = byId("access-sure-form");
const field = form.elements.password;

byId("access-sure-not").addEventListener("click", () => dialog.close());

// `act(password)` does it; what goes wrong is said in the dialog, which then stays.
export function sure({ title, words, button, password = false, act }) {
  const trouble = byId("access-sure-trouble");
  const doing = byId("access-sure-do");
  byId("access-sure-title").textContent = title;
  byId("access-sure-words").textContent = words;
  byId("access-sure-label").hidden = !password;
  field.required = password;
  field.value = "";
  doing.textContent = button;
  doing.className = password ? "main" : "danger";
  tell(trouble, "");
  form.onsubmit = async (event) => {
    event.preventDefault();
    doing.disabled = true;
    try {
      await act(field.value);
      dialog.close();
    } catch (problem) {
      tell(trouble, problem.message);
    } finally {
      field.value = "";
      doing.disabled = false;
    }
  };
  dialog.showModal();
  (password ? field : byId("access-sure-not")).focus();
}
