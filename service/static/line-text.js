// The words of a line corrected in place: Enter keeps them, Escape leaves them as they were.

import { correctLine } from "./call-data.js";
import { el } from "./element.js";

// `act` does it and says when it cannot be done; true when it was.
export function startWriting(line, utterance, act) {
  if (line.querySelector(".writing")) return;
  const words = line.querySelector(".words");
  const field = el("textarea", { "aria-label": `The words of line ${utterance.i}`, maxlength: 20000, rows: 3, dir: "auto" });
  field.value = utterance.text;
  const form = el("form", { class: "writing", onsubmit: keep }, field,
    el("p", { class: "row" }, el("button", { type: "submit", class: "main" }, "Save"),
      el("button", { type: "button", class: "plain", onclick: leave }, "Cancel"),
      el("span", { class: "quiet" }, "What was heard at first is kept beside it.")));
  line.classList.add("in-work");
  words.hidden = true;
  words.after(form);
  field.focus();
  field.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    if (event.key === "Enter" && !event.shiftKey) keep(event);
    else if (event.key === "Escape") {
      event.preventDefault();
      event.stopPropagation();
      leave();
    }
  });

  function leave() {
    form.remove();
    line.classList.remove("in-work");
    words.hidden = false;
    line.querySelector(".more-of").focus();
  }

  async function keep(event) {
    event.preventDefault();
    const text = field.value.trim();
    if (text === utterance.text || text === "") return leave();
    field.readOnly = true;
    if (!(await act(() => correctLine(utterance.i, { text }, "The words are corrected.")))) {
      field.readOnly = false;
      field.focus();
    }
  }
}
