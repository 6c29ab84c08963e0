// Numbers as people read them. Absent is a dash or nothing, never zero.

// From here on a role is shown as uncertain: the same bound as the command line's.
export const DOUBTFUL = 0.2;

const DOLLARS = new Intl.NumberFormat("en-US", {
  style: "currency", currency: "USD", maximumFractionDigits: 0,
});
const DAY = new Intl.DateTimeFormat("en-GB", {
  day: "numeric", month: "short", year: "numeric", timeZone: "UTC",
});
const MOMENT = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "short" });

export const money = (usd) => (usd === null || usd === undefined ? "–" : DOLLARS.format(usd));

// 3:07 or 1:02:03.
export function clock(seconds) {
  if (seconds === null || seconds === undefined) return "";
  const whole = Math.floor(seconds);
  const two = (n) => String(n).padStart(2, "0");
  const minutes = Math.floor(whole / 60);
  return minutes >= 60
    ? `${Math.floor(minutes / 60)}:${two(minutes % 60)}:${two(whole % 60)}`
    : `${minutes}:${two(whole % 60)}`;
}

// "2026-05-05" is a day on a calendar, in no time zone.
export const day = (iso) => (iso ? DAY.format(new Date(`${iso}T00:00:00Z`)) : "no date");

export const moment = (iso) => MOMENT.format(new Date(iso));

export const percent = (fraction) => `${Math.round(fraction * 100)}%`;

export const several = (n, one, many = `${one}s`) => `${n.toLocaleString("en-US")} ${n === 1 ? one : many}`;

export const ROLES = { customer: "customer", internal: "your team" };
