/** What an event is to a reader: an icon, a word, a place on the ladder. Pure. */

import { clockTime, percent } from "./format.js";

/** Importance → icon and word, most first. Shape and word say it as well as colour. */
export const IMPORTANCES = {
  critical: { icon: "■", word: "Critical", rank: 3 },
  warning: { icon: "▲", word: "Warning", rank: 2 },
  notice: { icon: "◆", word: "Notice", rank: 1 },
  info: { icon: "●", word: "Info", rank: 0 },
};

/** State → what is added to the title; nothing when an event begins. */
export const STATES = { enter: "", update: "stronger", exit: "over" };

/** Importance's icon, word and rank; an unknown one is told as info. */
export const importanceOf = (event) => IMPORTANCES[event.importance] ?? IMPORTANCES.info;

/** The price that an event speaks of; undefined when it names none. */
export function strikeOf(event) {
  const facts = event.evidence ?? {};
  for (const name of ["strike", "to", "flip"]) {
    if (typeof facts[name]?.value === "number") return facts[name].value;
  }
  const key = Number(String(event.key ?? "").split(":").at(-1));
  const named = /^(cluster_|spot_in_cluster)/.test(event.type) && event.key !== "" && Number.isFinite(key);
  return named ? key : facts.centre?.value;
}

const DIGITS = { points: 2, share: 3, "basis points": 1, seconds: 0, sigmas: 2, "vol points": 2, minutes: 0 };

/** A fact's value in words, with its unit. */
export function factText({ value, unit }) {
  if (typeof value !== "number") return String(value);
  if (unit === "ms since the epoch") return `${clockTime(value)} New York`;
  if (unit === "share") return percent(value, value < 0.1 ? 1 : 0);
  const digits = Math.abs(value) >= 1000 && unit !== "points" ? 0 : DIGITS[unit] ?? 2;
  const text = value.toLocaleString("en-US", { maximumFractionDigits: digits }).replace("-", "−");
  if (unit === "times" && value === 1) return "1 time";
  return unit === "name" || unit === "text" ? text : `${text} ${unit}`;
}

/** Whether a fact says nothing: a distance of nothing is told by the event itself. */
export const isNothing = (name, { value }) => value === 0 && (name === "distance" || name === "moves");

/** A name in words: `since_test` → `since test`. */
export const inWords = (name) => name.replaceAll("_", " ");
