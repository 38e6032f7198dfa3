/**
 * How far what is shown can be trusted, in a word and a sentence. The status says what the spine knows; the page's own ear says
 * what arrived here. The worse of the two is shown. A chain that the stream calls live and on which nothing is quoted is quiet,
 * not stale: only then may the page's own age be long.
 */

import { duration } from "./format.js";

export const SILENT_MS = 4_000;
const QUIET_RATE = 0.2;
const STATUS_OLD_MS = 4_000;

const SOURCES = {
  live: null,
  sim: { word: "SIM", tone: "sim", sentence: "Simulated market: no price here is real." },
  replay: { word: "REPLAY", tone: "sim", sentence: "A recorded session, played again: no price here is of now." },
};
const STATES = {
  stale: { word: "STALE", tone: "bad" },
  gap: { word: "GAP", tone: "bad" },
  loading: { word: "LOADING", tone: "info" },
  closed: { word: "CLOSED", tone: "idle" },
};

/** What the data is: null for live data that comes in time. */
export function provenance(source, isDelayed) {
  const told = SOURCES[source] ?? null;
  if (told) return told;
  return isDelayed ? { word: "DELAYED", tone: "warn", sentence: "Delayed data: prices come about 15 minutes after they were made." } : null;
}

/**
 * @param {{connection: string, reason: string, lost_ms: number}} feed
 * @param {{state?: string, reason?: string, updates_per_s?: number}|undefined} told the symbol's part of the status
 * @param {number|undefined} entryAge since the last feed entry of the symbol arrived here, ms
 * @param {number} statusAge since the last status arrived, ms
 * @returns {{word: string, tone: string, sentence: string, age_ms?: number}}
 */
export function judge(feed, told, entryAge, statusAge) {
  if (feed.connection === "lost") return lost(feed, entryAge);
  const state = told?.state ?? "loading";
  if (state === "stale") return { ...STATES.stale, age_ms: entryAge, sentence: sentenceOf("Stale", told, entryAge) };
  if (state === "gap") return { ...STATES.gap, age_ms: entryAge, sentence: sentenceOf("Gap", told, entryAge) };
  if (state === "loading") return { ...STATES.loading, sentence: sentenceOf("Loading", told) };
  if (state === "closed") return { ...STATES.closed, sentence: "The market is closed: what is shown is as it was at the close." };
  return isSilent(told, entryAge, statusAge)
    ? { ...STATES.stale, age_ms: entryAge, sentence: `Stale: no change has arrived for ${duration(entryAge)}.` }
    : { word: "LIVE", tone: "ok", sentence: quiet(told, entryAge) };
}

function lost(feed, entryAge) {
  const shown = entryAge === undefined ? "" : ` What is shown is ${duration(entryAge)} old.`;
  return {
    word: "LOST",
    tone: "bad",
    age_ms: entryAge ?? feed.lost_ms,
    sentence: `Connection lost, reconnecting for ${duration(feed.lost_ms)}: ${feed.reason}.${shown}`,
  };
}

function isSilent(told, entryAge, statusAge) {
  if (entryAge === undefined || entryAge <= SILENT_MS) return false;
  const isQuiet = statusAge < STATUS_OLD_MS && (told.updates_per_s ?? 0) < QUIET_RATE;
  return !isQuiet;
}

function quiet(told, entryAge) {
  return entryAge > SILENT_MS ? `Live; nothing was quoted for ${duration(entryAge)}.` : "Live: changes arrive as they happen.";
}

function sentenceOf(name, told, entryAge) {
  const why = told?.reason ?? told?.detail ?? "";
  const age = entryAge === undefined ? "" : ` The last change arrived ${duration(entryAge)} ago.`;
  return `${name}${why ? `: ${why}` : ""}.${age}`;
}
