/** Prices and distances as charts say them: as short as can be. Pure. */

import { whyAbsent } from "../levels.js";

const grouped = [0, 1, 2].map((digits) => new Intl.NumberFormat("en-US", { maximumFractionDigits: digits }));

/** A price: whole above 2,000, with a decimal above 500, with cents below. */
export function price(value) {
  return grouped[value >= 2000 ? 0 : value >= 500 ? 1 : 2].format(value);
}

/** A distance in points, without sign. */
export function points(value) {
  const size = Math.abs(value);
  return grouped[size >= 20 ? 0 : size >= 1 ? 1 : 2].format(size);
}

/** `20 below spot`, of a level. */
export function whereFrom(level, spot) {
  const distance = points(level - spot);
  return Number(distance) === 0 ? "at spot" : `${distance} ${level > spot ? "above" : "below"} spot`;
}

/** A signed distance, such as `+28`. */
export const signedPoints = (value) => `${value < 0 ? "−" : "+"}${points(value)}`;

/** Dollars for the ticks of an axis. */
export function shortMoney(value) {
  const size = Math.abs(value);
  if (size === 0) return "0";
  const [scale, unit] = size >= 1e9 ? [1e9, "B"] : size >= 1e6 ? [1e6, "M"] : [1e3, "K"];
  return `${value < 0 ? "−" : ""}$${Number((size / scale).toPrecision(3))}${unit}`;
}

/** A difference of fractions in volatility points, signed. */
export function volPoints(fraction) {
  const size = Math.abs(fraction * 100).toFixed(1);
  return Number(size) === 0 ? size : `${fraction < 0 ? "−" : "+"}${size}`;
}

/** Why a level is absent, in words. */
export const absence = (levels, name) => whyAbsent(levels, name).replaceAll("-", " ");
