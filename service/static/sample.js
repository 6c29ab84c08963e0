// Loading the bundled sample into an empty home.

import { api } from "./api.js";
import { tell } from "./element.js";

// `begun()` is called once its files are queued: from then on it is work like any other.
export function offerSample(button, said, begun) {
  button.addEventListener("click", async () => {
    button.disabled = true;
    tell(said, "Loading …");
    try {
      await api("/api/sample", { method: "POST" });
      await begun();
      tell(said, "");
    } catch (problem) {
      tell(said, problem.message);
    } finally {
      button.disabled = false;
    }
  });
}
