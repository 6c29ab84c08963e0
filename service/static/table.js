// A table that is sorted by its columns and drawn as far as somebody looks: the first lines at once,
// the next ones when they come into sight or are asked for.

import { el } from "./element.js";

const AT_ONCE = 60; // lines

// `columns` are {name, key, cell, kind?, falling?}: `key(row)` is what is sorted by, null last;
// `cell(row)` is its content; `kind` a class of its cells; `falling` that the largest comes first.
// `sorted` is {column, falling}. Gives `show(rows)`.
export function sortable(place, columns, sorted, { kindOf = () => null, then = () => {} } = {}) {
  const body = el("tbody");
  const more = el("button", { type: "button", class: "link", hidden: true, onclick: () => extend(true) });
  const by = { ...sorted };
  const heads = columns.map((column, n) => head(column, () => {
    by.falling = by.column === n ? !by.falling : Boolean(column.falling);
    by.column = n;
    draw();
    then(by);
  }));
  let rows = [];
  let drawn = 0;

  place.replaceChildren(el("thead", {}, el("tr", {}, heads)), body);
  place.after(more);
  new IntersectionObserver((seen) => {
    if (seen.some((one) => one.isIntersecting)) extend(false);
  }, { rootMargin: "600px" }).observe(more);

  function draw() {
    heads.forEach((cell, n) => {
      cell.setAttribute("aria-sort", n !== by.column ? "none" : by.falling ? "descending" : "ascending");
    });
    rows = inOrder(rows, columns[by.column].key, by.falling);
    const far = Math.max(drawn, AT_ONCE);
    body.replaceChildren();
    drawn = 0;
    append(far);
  }

  // Who asked by the button goes on reading where it stood.
  function extend(asked) {
    const at = drawn;
    append(AT_ONCE);
    if (asked) body.rows[at]?.querySelector("a, button")?.focus();
  }

  function append(n) {
    const next = rows.slice(drawn, drawn + n);
    body.append(...next.map((row) => el("tr", { class: kindOf(row) },
      columns.map(({ cell, kind }) => el("td", { class: kind }, cell(row))))));
    drawn += next.length;
    more.hidden = drawn >= rows.length;
    more.textContent = `Show more (${(rows.length - drawn).toLocaleString("en-US")} left)`;
  }

  return (given, { anew = false } = {}) => {
    rows = given;
    if (anew) drawn = 0; // other rows than before: from the first again
    draw();
  };
}

function head({ name, kind, hint }, sort) {
  return el("th", { scope: "col", class: kind, "aria-sort": "none" },
    el("button", { type: "button", class: "sort", title: hint, onclick: sort }, name));
}

function inOrder(rows, key, falling) {
  const keyed = rows.map((row) => [key(row), row]);
  const sign = falling ? -1 : 1;
  keyed.sort(([a], [b]) => {
    if (a === null || b === null) return (a === null) - (b === null); // what is not known comes last
    return sign * (typeof a === "string" ? a.localeCompare(b, "en", { numeric: true }) : a - b);
  });
  return keyed.map(([, row]) => row);
}
