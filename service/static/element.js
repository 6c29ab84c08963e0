// Builds elements. Data only ever becomes a text node or an attribute from this list, never HTML:
// what customers, files and transcripts say is shown, not obeyed.

const ATTRIBUTES = new Set([
  "aria-busy", "aria-current", "aria-describedby", "aria-expanded", "aria-hidden", "aria-label",
  "aria-labelledby", "aria-pressed", "aria-sort", "autocomplete", "checked", "class", "colspan",
  "data-needs", "datetime", "dir", "disabled", "for", "hidden", "href", "id", "lang", "max", "maxlength", "min", "name",
  "open", "placeholder", "required", "role", "rows", "scope", "selected", "spellcheck", "step", "tabindex", "title", "type",
  "value",
]);

export function el(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else if (name === "href" && !/^(?:[#?]|\/(?![/\\]))/.test(value)) throw new Error(`foreign address: ${value}`);
    else if (ATTRIBUTES.has(name)) made.setAttribute(name, value === true ? "" : String(value));
    else throw new Error(`attribute not foreseen: ${name}`);
  }
  made.append(...children.flat(9).filter((c) => c !== null && c !== undefined && c !== false));
  return made;
}

export const byId = (id) => document.getElementById(id);

export function tell(place, text) {
  place.textContent = text;
  place.hidden = !text;
}

// A form is sent by its script. Until that listens, the page has its button disabled: what was typed
// would go past the script, which tells of trouble and knows where to go on. Said twice, it is
// sent once.
export function onSubmit(form, act) {
  form.onsubmit = (event) => {
    event.preventDefault();
    act();
  };
  form.querySelector("[type=submit]").disabled = false;
}

// In place of what was there; what is absent is left out.
export function fill(place, ...content) {
  place.replaceChildren(...content.flat(9).filter((c) => c !== null && c !== undefined && c !== false));
}
