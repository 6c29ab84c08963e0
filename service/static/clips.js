// A quote as a sound file, several as a reel: made by the server, saved by the browser.

import { callApi, file } from "./api.js";
import { el } from "./element.js";

const SHOWN_MS = 4000; // how it went, before the button says again what it does
const KEPT_MS = 60_000; // the file in memory, until the browser has saved it for sure

// Without `words` it has all of the utterance.
export const clipButton = (callId, utterance, speaker, words = null) =>
  saving("Download clip", "Cutting …", `Download clip of ${speaker}`, async () => {
    const only = words === null ? "" : `?${new URLSearchParams({ words })}`;
    return [await file(`${callApi(callId)}/clips/${utterance}.m4a${only}`), `${callId}-${utterance}.m4a`];
  });

// `of` is what goes into it, as the server takes it.
export const reelButton = (of, words = "Download as a reel") =>
  saving(words, "Making the reel …", null, async () => [await file("/api/reels", of), "reel.mp4"]);

function saving(words, working, label, make) {
  const button = el("button", { type: "button", class: "link clip", "aria-label": label }, words);
  const said = el("span", { class: "clip-said", role: "status" });
  let busy = false;
  button.addEventListener("click", async () => {
    if (busy) return;
    busy = true;
    said.textContent = "";
    button.textContent = working;
    button.setAttribute("aria-busy", "true");
    try {
      const [{ blob, note }, name] = await make();
      save(blob, name);
      button.textContent = "✓ Downloaded";
      said.textContent = note;
    } catch (problem) {
      button.textContent = words;
      said.textContent = problem.message;
    }
    busy = false;
    button.removeAttribute("aria-busy");
    setTimeout(() => { if (!busy) button.textContent = words; }, SHOWN_MS);
  });
  return [button, said];
}

function save(blob, name) {
  const link = document.createElement("a");
  link.setAttribute("href", URL.createObjectURL(blob));
  link.setAttribute("download", name);
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.getAttribute("href")), KEPT_MS);
}
