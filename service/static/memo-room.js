// One memo: to be read, edited, compared with what it was, and taken home. The address says which.

import { api } from "./api.js";
import { onBack } from "./connection.js";
import { byId, el, tell } from "./element.js";
import { moment, several } from "./format.js";
import { loadAccounts, loadCalls } from "./known.js";
import { documentOf } from "./memo-document.js";
import { edit } from "./memo-editor.js";
import { files, memoApi, memoPage } from "./memo-links.js";
import { showNews } from "./memo-news.js";
import { may } from "./may.js";
import { compare, versionsOf } from "./memo-versions.js";

const id = byId("main").dataset.memo;
const asked = new URLSearchParams(location.search);
const body = byId("memo-body");

async function read() {
  const version = asked.get("version");
  const [found, versions] = await Promise.all([
    api(`${memoApi(id)}/document${version === null ? "" : `?version=${encodeURIComponent(version)}`}`),
    api(`${memoApi(id)}/versions`),
    loadCalls(),
    loadAccounts(),
  ]);
  const newest = found.version === found.newest;
  head(found, `${found.subtitle} · ${named(found)}`);
  byId("memo-tools").replaceChildren(
    newest && el("a", { class: "button main", "data-needs": "editor", href: memoPage(id, { edit: "" }) }, "Edit"),
    versionsOf(id, versions, found.version),
    files(id, found.version),
  );
  if (!newest) older(found);
  else if (found.failing > 0) wanting(found.failing);
  body.replaceChildren(documentOf(found, newest));
  landed();
  if (newest) await showNews(id);
}

function head(found, subtitle) {
  byId("memo-title").textContent = found.title;
  byId("memo-subtitle").textContent = subtitle;
  document.title = `${found.title} – Firsthand`;
}

const named = (found) => (found.version === 0 ? "as drafted" : `version ${found.version}, saved ${moment(found.created_at)}`);

function older(found) {
  byId("memo-said").replaceChildren(el(
    "p",
    { class: "notice" },
    found.version === 0 ? "You are reading the untouched draft. " : `You are reading version ${found.version} of ${found.newest}. `,
    el("a", { href: memoPage(id) }, "Read the newest"), " · ",
    el("a", { href: memoPage(id, { from: found.version, to: found.newest }) }, "Compare the two"),
  ));
}

function wanting(n) {
  const stand = n === 1 ? "is" : "are";
  byId("memo-said").replaceChildren(el(
    "p",
    { class: "notice" },
    `${several(n, "sentence")} about customers ${stand} without evidence. They stay marked, also in the files. `,
    el("a", { "data-needs": "editor", href: memoPage(id, { edit: "" }) }, "Put them right"),
  ));
}

// The address may name a part that was not there yet when the page came.
function landed() {
  const target = location.hash && document.getElementById(location.hash.slice(1));
  if (target) target.scrollIntoView();
}

async function start() {
  try {
    if (asked.has("edit") && may("editor")) await edit(id, asked.get("edit"), body);
    else if (asked.has("from")) await compare(id, asked.get("from"), asked.get("to"), body);
    else await read();
    tell(byId("trouble"), "");
  } catch (problem) {
    body.replaceChildren();
    tell(byId("trouble"), problem.message);
  }
}

// What somebody writes is not thrown away because the server was away.
onBack(() => { if (!asked.has("edit") || byId("trouble").textContent) start(); });
await start();
