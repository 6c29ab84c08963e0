// What lies behind the editor's field: the same text, with the sentences marked that are in doubt.
// It also gives the field its height, so that the page scrolls and not the field.

import { el } from "./element.js";

export class Mirror {
  constructor(place) {
    this.place = place;
    this.text = "";
    this.marks = []; // {start, end, status, n}: positions in the text as the browser counts them
  }

  // Findings count code points; a browser counts two for what lies beyond the first plane.
  check(text, findings) {
    const at = positions(text);
    this.text = text;
    this.marks = findings.map((one, n) => ({ start: at(one.start), end: at(one.end), status: one.status, failing: one.failing, n }));
    this.draw();
  }

  // Somebody typed: marks before it stay, marks after it move along, the one it touches goes.
  follow(text) {
    const before = this.text;
    const most = Math.min(before.length, text.length);
    let first = 0;
    while (first < most && before[first] === text[first]) first++;
    let last = 0;
    while (last < most - first && before[before.length - 1 - last] === text[text.length - 1 - last]) last++;
    const until = before.length - last;
    const moved = text.length - before.length;
    this.marks = this.marks.flatMap((mark) => {
      if (mark.end <= first) return [mark];
      if (mark.start >= until) return [{ ...mark, start: mark.start + moved, end: mark.end + moved }];
      return [];
    });
    this.text = text;
    this.draw();
  }

  draw() {
    const parts = [];
    let at = 0;
    for (const mark of this.marks) {
      if (!mark.failing || mark.start < at) continue;
      parts.push(this.text.slice(at, mark.start), el("mark", { id: `mark-${mark.n}` }, this.text.slice(mark.start, mark.end)));
      at = mark.end;
    }
    this.place.replaceChildren(...parts, `${this.text.slice(at)}\n`);
  }
}

function positions(text) {
  if (!/[\ud800-\udfff]/.test(text)) return (n) => n;
  const at = [];
  let unit = 0;
  for (const point of text) {
    at.push(unit);
    unit += point.length;
  }
  return (n) => at[n] ?? unit;
}
