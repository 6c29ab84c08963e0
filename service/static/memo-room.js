// One memo, to be read.

import { api } from "./api.js";
import { byId, tell } from "./element.js";

try {
  await api(`/api/memos/${encodeURIComponent(byId("main").dataset.memo)}`);
} catch (problem) {
  tell(byId("trouble"), problem.message);
}
