// Settings, and what leaves this machine.

import { api } from "./api.js";
import { byId, el, tell } from "./element.js";

try {
  const machine = await api("/api/machine");
  byId("leaves").replaceChildren(machine.leaving.length === 0
    ? el("p", {}, "Nothing leaves this machine.")
    : el("ul", {}, machine.leaving.map((one) => el("li", {}, `${one.what}, ${one.when}, to ${one.where}, ${one.how}`))));
} catch (problem) {
  tell(byId("trouble"), problem.message);
}
