/** How numbers and times are written. What is unknown is written as nothing, never as 0. */

const grouped = [0, 1, 2, 3, 4].map(
  (digits) => new Intl.NumberFormat("en-US", { minimumFractionDigits: digits, maximumFractionDigits: digits }),
);
const MINUS = "\u2212";

export const isNumber = (value) => typeof value === "number" && Number.isFinite(value);

export function fixed(value, digits = 2) {
  if (!isNumber(value)) return "";
  const text = Math.abs(value) < 1000 ? value.toFixed(digits) : grouped[digits].format(value);
  return text[0] === "-" ? MINUS + text.slice(1) : text;
}

export const count = (value) => fixed(value, 0);
/** A share as `22 %`, which is never broken before its sign: as Vexy and Vigil write it. */
export const percent = (value, digits = 1) => (isNumber(value) ? `${fixed(value * 100, digits)}\u00a0%` : "");
export const signed = (value, digits = 2) => (isNumber(value) && value > 0 ? "+" : "") + fixed(value, digits);

/** A strike or level: no digits that say nothing. */
export const price = (value, most = 2) => {
  if (!isNumber(value)) return "";
  const digits = Number.isInteger(value) ? 0 : Number.isInteger(Math.round(value * 1000) / 100) && most > 0 ? 1 : most;
  return fixed(value, digits);
};

/** Dollars in the unit in which they are said: 477.8 M, 1.32 B. */
export function dollars(value, { sign = false } = {}) {
  if (!isNumber(value)) return "";
  const size = Math.abs(value);
  const [scale, unit] = size >= 999.5e6 ? [1e9, " B"] : size >= 999.5e3 ? [1e6, " M"] : size >= 999.5 ? [1e3, " K"] : [1, ""];
  const shown = size / scale;
  const mark = value < 0 ? MINUS : sign ? "+" : "";
  return `${mark}$${shown.toFixed(shown >= 100 ? 0 : shown >= 10 ? 1 : 2)}${unit}`;
}

/** A duration: 3.2 s, 14 s, 4 min, 2 h 05 min, 3 d 4 h. */
export function duration(ms) {
  if (!isNumber(ms)) return "";
  const s = Math.max(0, ms) / 1000;
  if (s < 10) return `${s.toFixed(1)} s`;
  if (s < 90) return `${Math.round(s)} s`;
  const minutes = Math.floor(s / 60);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return `${hours} h ${String(minutes % 60).padStart(2, "0")} min`;
  return `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

const NEW_YORK = "America/New_York";
const clockText = new Intl.DateTimeFormat("en-GB", { timeZone: NEW_YORK, hour: "2-digit", minute: "2-digit", second: "2-digit" });
const minuteText = new Intl.DateTimeFormat("en-GB", { timeZone: NEW_YORK, hour: "2-digit", minute: "2-digit" });
const dayText = new Intl.DateTimeFormat("en-CA", { timeZone: NEW_YORK });
const dateText = new Intl.DateTimeFormat("en-GB", { timeZone: "UTC", weekday: "short", day: "numeric", month: "short" });

/** 10:42:31 in New York, where the market is. */
export const clockTime = (ms) => (isNumber(ms) ? clockText.format(ms) : "");
export const minuteTime = (ms) => (isNumber(ms) ? minuteText.format(ms) : "");
export const marketDay = (ms) => (isNumber(ms) ? dayText.format(ms) : "");

/** "2026-11-27" as Fri 27 Nov. */
export const dayName = (date) => (date ? dateText.format(Date.parse(`${date}T00:00:00Z`)).replace(",", "") : "");
