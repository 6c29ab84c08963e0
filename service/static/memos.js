// Drafting the memo in the background, and the memos there are, each as a file to take home.

import { api } from "./api.js";
import { byId, el } from "./element.js";
import { moment, percent } from "./format.js";
import { follow, running } from "./jobs.js";

const KINDS = { docx: "Word", pdf: "PDF", html: "Web page", md: "Markdown" };

const place = byId("drafting");

export function startMemos() {
  const form = byId("draft");
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const top = form.elements.scope.value ? Number(form.elements.scope.value) : null;
    try {
      watch(await api("/api/memos", { method: "POST", json: { filters: { top } } }));
    } catch (problem) {
      place.replaceChildren(el("p", { class: "notice bad" }, problem.message));
    }
  });
}

export async function showMemos() {
  const memos = await api("/api/memos");
  byId("memo-list").replaceChildren(...memos.map((memo) =>
    el("li", {}, el("strong", {}, memo.title), el("span", { class: "quiet" }, ` ${moment(memo.created_at)} `), files(memo.id))));
}

export async function resumeDraft() {
  const drafts = (await api("/api/jobs?kind=memo")).filter(running);
  if (drafts.length > 0) watch(drafts[0]);
}

function watch(started) {
  const button = byId("draft").querySelector("button");
  const words = el("p", {}, "Waiting for its turn …");
  place.replaceChildren(words);
  button.disabled = true;
  follow(started.job_id, async (job) => {
    if (job.lost) words.textContent = "Connection lost, trying again …";
    else if (job.state === "working") words.textContent = `Drafting${job.fraction ? ` ${percent(job.fraction)}` : ""} …`;
    if (job.lost || running(job)) return;
    button.disabled = false;
    if (job.state === "done") {
      place.replaceChildren(el("p", { class: "notice good" }, "The memo is drafted: ", files(started.memo_id)));
      await showMemos();
    } else {
      place.replaceChildren(el("p", { class: "notice bad" }, job.error ?? "The memo was not drafted."));
    }
  });
}

function files(memoId) {
  return el("span", { class: "files" }, Object.entries(KINDS).map(([kind, name]) =>
    el("a", { href: `/api/memos/${encodeURIComponent(memoId)}.${kind}`, title: `${name}, .${kind}` }, name)));
}
