// What is new since a memo was drafted, and drafting it again with that.

import { api } from "./api.js";
import { byId, el } from "./element.js";
import { day, several } from "./format.js";
import { follow, running } from "./jobs.js";
import { accountName } from "./known.js";
import { memoApi, memoPage } from "./memo-links.js";

export async function showNews(id) {
  const news = await api(`${memoApi(id)}/since`);
  const told = lines(news);
  if (told.length === 0) return;
  const place = byId("memo-news");
  const sends = byId("memo-sends"); // lies in `place` already after the first time
  place.replaceChildren(
    el("h2", {}, `New since the draft of ${day(news.as_of)}`),
    el("ul", {}, told.map((one) => el("li", { dir: "auto" }, one))),
    el("p", { class: "quiet", "data-needs": "editor" }, "A new memo is drafted beside this one. This one stays as it is; what you wrote yourself is carried over into the new one, under the same headings, for you to read again."),
    el("button", { type: "button", "data-needs": "editor", onclick: (event) => again(id, event.target) }, "Draft again with this"),
    el("p", { id: "memo-again", role: "status" }),
    sends,
  );
  sends.hidden = false;
  place.hidden = false;
}

function lines(news) {
  const calls = Object.values(news.calls);
  const made = [];
  if (calls.length > 0) made.push(`${several(calls.length, "new call")}: ${calls.slice(0, 3).join("; ")}${calls.length > 3 ? " …" : ""}`);
  if (news.heard.length > 0) made.push(`Heard for the first time: ${news.heard.map(accountName).join(", ")}`);
  for (const need of news.needs.slice(0, 4)) made.push(moved(need));
  if (news.needs.length > 4) made.push(`and ${several(news.needs.length - 4, "more need")}`);
  return made;
}

function moved(need) {
  const label = `“${need.label}”`;
  if (need.rank === null) return `${label} was need ${need.rank_before} and is none now`;
  if (need.rank_before === null) return `${label} is new, need ${need.rank}`;
  if (need.rank !== need.rank_before) return `${label} went from need ${need.rank_before} to need ${need.rank}`;
  const joined = need.accounts.length > 0 ? `${several(need.accounts.length, "account")} joined` : "more or less was said of it";
  return `${label}: ${joined}`;
}

async function again(id, button) {
  const said = byId("memo-news").querySelector("#memo-again");
  button.disabled = true;
  said.textContent = "Drafting …";
  try {
    const memo = await api(memoApi(id)); // the whole of it, only now that it is asked for
    const json = { filters: memo.filters, vision: memo.vision, carry: memo.id };
    const job = await api("/api/memos", { method: "POST", json });
    follow(job.job_id, (now) => {
      if (now.lost || running(now)) return;
      button.disabled = false;
      if (now.state === "done") location.assign(memoPage(job.memo_id));
      else said.textContent = now.error ?? "The memo was not drafted.";
    });
  } catch (problem) {
    button.disabled = false;
    said.textContent = problem.message;
  }
}
