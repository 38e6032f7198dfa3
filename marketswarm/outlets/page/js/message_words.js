/** Which of Vexy's messages still stand, and what is said of them. Pure. */

import { percent } from "./format.js";

export const TONES = {
  calm: { icon: "●", word: "Calm" },
  alert: { icon: "▲", word: "Alert" },
  urgent: { icon: "■", word: "Urgent" },
};

export const KINDS = { event: "Event", epoch: "Phase of the day", guide: "Guide", system: "Data", digest: "Digest" };

export const toneOf = (message) => TONES[message.tone] ?? TONES.calm;

/** Messages without those that another one takes the place of, newest first. */
export function standing(messages) {
  const replaced = new Set(messages.map((message) => message.supersedes).filter(Boolean));
  return messages.filter((message) => !replaced.has(message.id)).sort((one, other) => other.ts - one.ts);
}

/** Whether it is still worth showing. */
export const isCurrent = (message, now) => now - message.ts <= message.ttl_s * 1000;

/** The words for a level of detail, or for the next simpler one that there is. */
export function wordsFor(message, detail) {
  const { texts } = message;
  return texts[detail] ?? texts.initiated ?? texts.beginner ?? Object.values(texts)[0] ?? "";
}

/** The price of a symbol that it speaks of first; undefined when it names none. */
export const strikeIn = (message, symbol) => message.levels?.find((level) => level.symbol === symbol)?.price;

/** What its numbers stand on: `coverage 97 %`, `degraded: low coverage`. */
export function qualityText(quality = {}) {
  const told = [];
  if (typeof quality.coverage === "number") told.push(`coverage ${percent(quality.coverage, 0)}`);
  if (quality.degraded) told.push(`degraded: ${String(quality.degraded).replaceAll("-", " ")}`);
  for (const [name, value] of Object.entries(quality)) {
    if (name !== "coverage" && name !== "degraded") told.push(`${name.replaceAll("_", " ")} ${value}`);
  }
  return told.join(", ");
}
