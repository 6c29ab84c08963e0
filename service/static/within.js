// Filters in words: "Top 20", "enterprise", "since 4 May 2026".

import { day } from "./format.js";
import { accountName } from "./known.js";

export const within = (f) => [
  f.top && `Top ${f.top}`, f.tier, f.segment, f.region, ...(f.accounts ?? []).map(accountName),
  f.since && `since ${day(f.since)}`, f.until && `until ${day(f.until)}`,
].filter(Boolean);
