/** Reading the levels' document: a value, a number of it, or the reason why there is none. */

import { isNumber } from "./format.js";

const FIVE_MINUTES_MS = 300_000;

export const level = (document, name) => document?.levels?.[name] ?? null;

export function value(document, name, member) {
  const found = level(document, name)?.value;
  return member === undefined ? found : found?.[member];
}

export function number(document, name, member) {
  const found = value(document, name, member);
  return isNumber(found) ? found : undefined;
}

export function rows(document, name) {
  const found = value(document, name);
  return Array.isArray(found) ? found : [];
}

export const whyAbsent = (document, name) => (document ? level(document, name)?.absent ?? "not-published" : "being-read");

/** When the chain settles, ms: the time that is left is in sigma = forward × volatility × √years. */
export function settlesAt(document) {
  const [sigma, forward, volatility] = ["sigma", "forward", "volatility"].map((name) => number(document, name));
  if (!(sigma > 0 && forward > 0 && volatility > 0)) return undefined;
  const minutes = (sigma / (forward * volatility)) ** 2 * 525_600;
  const as_of = level(document, "sigma").as_of;
  return Math.round((as_of + minutes * 60_000) / FIVE_MINUTES_MS) * FIVE_MINUTES_MS; // no session closes in between
}

/** Words for what positive, neutral and negative mean, by the same bounds as everywhere. */
export function regimeWord(document) {
  const regime = number(document, "regime");
  if (regime === undefined) return "";
  return Math.abs(regime) < 0.1 ? "neutral" : regime > 0 ? "positive" : "negative";
}
