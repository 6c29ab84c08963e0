// Where a memo is, to be read and to be taken home.

import { el } from "./element.js";

const KINDS = { docx: "Word", pdf: "PDF", html: "Web page", md: "Markdown" };

export const memoApi = (id) => `/api/memos/${encodeURIComponent(id)}`;

export function memoPage(id, query = {}) {
  const asked = new URLSearchParams(query).toString();
  return `/memos/${encodeURIComponent(id)}${asked ? `?${asked}` : ""}`;
}

export function files(id, version = null) {
  const asked = version === null ? "" : `?version=${version}`;
  return el("span", { class: "files" }, el("span", { class: "quiet" }, "Take it home: "), Object.entries(KINDS).map(([kind, name]) =>
    el("a", { href: `${memoApi(id)}.${kind}${asked}`, title: `${name}, .${kind}` }, name)));
}
