// Changes of the codebook: done, said, and undone; everything is drawn anew after each.

import { api } from "./api.js";
import { byId, tell } from "./element.js";
import { look } from "./reading.js";

const said = byId("changed-said");

// `load()` draws all anew; `close()` and `open(id)` are the panel's; `isOpen()` says whether it shows.
export function changing({ load, close, open, isOpen }) {
  // `problem`: where to say what went wrong. `closes`/`opens`: the panel. `then`: before drawing anew.
  async function change(work, sentence, { focus = "themes-title", problem = null, closes = false, opens = null, then = null } = {}) {
    say("Counting anew …");
    try {
      const done = await work();
      then?.();
      if (closes) close({ silent: true });
      await load({ changed: true });
      if (opens) open(opens, null);
      say(typeof sentence === "function" ? sentence(done) : sentence);
      if (!opens) place(focus);
      look().catch(() => {}); // the change itself is done and said
      return true;
    } catch (wrong) {
      if (problem) {
        say("");
        tell(problem, wrong.message);
      } else say(wrong.message, true);
      // What is gone was changed elsewhere: show what is there. Else what was typed stays.
      if (wrong.status === 404) await load().catch(() => {});
      return false;
    }
  }
  const send = (method) => (path, json, sentence, more) => change(() => api(path, { method, json }), sentence, more);
  change.post = send("POST");
  change.patch = send("PATCH");

  function place(focus) {
    if (isOpen()) return byId("panel-title")?.focus({ preventScroll: true });
    const next = byId(focus)?.closest("[hidden]") ? byId("themes-title") : byId(focus);
    next.focus({ preventScroll: true });
  }

  const undo = () => change(() => api("/api/codebook/undo", { method: "POST" }), (done) => `Taken back: ${done.undone}.`);
  byId("undo").addEventListener("click", undo);
  byId("changed-close").addEventListener("click", () => {
    say("");
    place("themes-title");
  });
  return { change, undo };
}

let undoable = false;

export function setUndoable(now) {
  undoable = now;
  byId("undo").hidden = !undoable || said.textContent === "";
}

export function say(text, bad = false) {
  said.textContent = text;
  byId("changed").classList.toggle("bad", bad);
  byId("changed").classList.toggle("said", text !== "");
  byId("undo").hidden = !undoable || text === "" || bad;
  byId("changed-close").hidden = text === "";
}
