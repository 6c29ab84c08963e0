// Builds pictures. Colours come from classes in the stylesheet, since the policy of the page
// forbids styles in the document; data becomes text and these attributes only.

const SPACE = "http" + "://www.w3.org/2000/svg"; // a name, not an address: nothing is fetched
const ATTRIBUTES = new Set([
  "aria-hidden", "aria-label", "aria-labelledby", "class", "cx", "cy", "d", "height", "id",
  "points", "preserveAspectRatio", "r", "role", "rx", "ry", "tabindex", "text-anchor", "transform",
  "viewBox", "width", "x", "x1", "x2", "y", "y1", "y2",
]);

export function svg(tag, attributes = {}, ...children) {
  const made = document.createElementNS(SPACE, tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (!ATTRIBUTES.has(name)) throw new Error(`attribute not foreseen: ${name}`);
    made.setAttribute(name, String(value));
  }
  made.append(...children.flat(9).filter((c) => c !== null && c !== undefined && c !== false));
  return made;
}
