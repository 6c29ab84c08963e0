// Drafting the memo in the background, and the memos there are.

import { api } from "./api.js";
import { byId, el, onSubmit } from "./element.js";
import { day, moment, percent } from "./format.js";
import { follow, running } from "./jobs.js";
import { files, memoPage } from "./memo-links.js";

const STAGES = { drafting: "Drafting", reading: "Reading the calls", wording: "Wording it" };

export function startMemos() {
  const form = byId("draft");
  onSubmit(form, async () => {
    const { scope, start, vision } = form.elements;
    const json = { filters: { top: scope.value ? Number(scope.value) : null } };
    if (start.value) json.start = start.value;
    if (vision.value.trim()) json.vision = vision.value.trim();
    const place = byId("drafting");
    try {
      watchDraft(await api("/api/memos", { method: "POST", json }), place, form.querySelector("button"), showMemos);
    } catch (problem) {
      place.replaceChildren(el("p", { class: "notice bad" }, problem.message));
    }
  });
}

export async function showMemos() {
  const memos = await api("/api/memos");
  byId("no-memos").hidden = memos.length > 0;
  byId("memo-list").replaceChildren(...memos.map(line));
}

export async function resumeDraft() {
  const drafts = (await api("/api/jobs?kind=memo")).filter(running);
  if (drafts.length > 0) watchDraft(drafts[0], byId("drafting"), byId("draft").querySelector("button"), showMemos);
}

function line(memo) {
  const edited = memo.versions > 0 ? ` · your version ${memo.versions}, ${moment(memo.edited_at)}` : "";
  return el(
    "li",
    {},
    el("a", { class: "memo-link", href: memoPage(memo.id), dir: "auto" }, memo.title),
    el("p", { class: "quiet" }, `As of ${day(memo.as_of)} · drafted ${moment(memo.created_at)}${edited}`),
    files(memo.id),
  );
}

// Follows a job that drafts; `place` says how it goes, `done` is called with the memo there.
function watchDraft(started, place, button, done) {
  const words = el("p", {}, "Waiting for its turn …");
  const bar = el("progress", { max: 1, "aria-label": "Drafting the memo" });
  place.replaceChildren(el("div", { class: "memo-work" }, words, bar));
  button.disabled = true;
  follow(started.job_id, async (job) => {
    if (job.lost) words.textContent = "Connection lost, trying again …";
    else if (job.state === "working") {
      const stage = STAGES[job.stage] ?? "Drafting";
      words.textContent = job.fraction ? `${stage}, ${percent(job.fraction)} …` : `${stage} …`;
      if (job.fraction) bar.value = job.fraction;
    }
    if (job.lost || running(job)) return;
    button.disabled = false;
    if (job.state === "done") {
      const link = el("a", { href: memoPage(started.memo_id) }, "Read it");
      place.replaceChildren(el("p", { class: "notice good" }, "The memo is drafted. ", link));
      await done();
    } else {
      const why = job.state === "cancelled" ? "Drafting was stopped." : (job.error ?? "The memo was not drafted.");
      place.replaceChildren(el("p", { class: "notice bad" }, why));
    }
  });
}
