/** The ladder's columns: what they read of a contract, how they write it, and which a narrow ladder keeps. */

import { count, dollars, fixed, isNumber } from "./format.js";

/**
 * @typedef {object} Column
 * @property {string} title
 * @property {string} name in full, for those who hear the table
 * @property {(contract: any) => number|undefined} read
 * @property {(value: number) => string} show
 * @property {string} [none] what stands where there is no value, whose reason is told on demand; nothing unless said
 * @property {number} width in px
 */

const two = (value) => fixed(value, 2);

/** @type {Record<string, Column>} */
export const COLUMNS = {
  bid: { title: "Bid", name: "bid", read: (c) => c.quote?.bid, show: two, width: 50 },
  ask: { title: "Ask", name: "ask", read: (c) => c.quote?.ask, show: two, width: 50 },
  mid: { title: "Mid", name: "middle of bid and ask", read: (c) => c.quote?.mid, show: two, width: 50 },
  last: { title: "Last", name: "last trade", read: (c) => c.trade?.price, show: two, width: 50 },
  volume: { title: "Vol", name: "volume of the session", read: (c) => c.day?.volume, show: count, width: 44 },
  oi: { title: "OI", name: "open interest", read: (c) => c.open_interest, show: count, width: 48 },
  iv: { title: "IV %", name: "implied volatility, percent a year", read: (c) => c.greeks?.iv, show: (v) => fixed(v * 100, 1), none: "–", width: 44 },
  delta: { title: "Δ", name: "delta", read: (c) => c.greeks?.delta, show: (v) => fixed(v, 2), none: "–", width: 44 },
  gamma: { title: "Γ", name: "gamma", read: (c) => c.greeks?.gamma, show: (v) => fixed(v, 4), none: "–", width: 52 },
  theta: { title: "Θ", name: "theta, a day", read: (c) => c.greeks?.theta, show: two, none: "–", width: 50 },
  vega: { title: "Vega", name: "vega, a volatility point", read: (c) => c.greeks?.vega, show: (v) => fixed(v, 3), none: "–", width: 50 },
  exposure: { title: "GEX", name: "gamma exposure, dollars per 1 % move", read: (c) => c.exposure, show: (v) => dollars(v), width: 62 },
};

/** Most wanted first; a narrow ladder keeps the first ones. `order` is how the calls stand, left to right. */
export const PRESETS = {
  prices: { title: "Prices", keep: ["ask", "bid", "last", "volume", "iv"], order: ["iv", "volume", "last", "bid", "ask"], mirror: ["bid", "ask", "last", "volume", "iv"] },
  greeks: { title: "Greeks", keep: ["delta", "iv", "gamma", "theta", "vega"], order: ["vega", "theta", "gamma", "iv", "delta"], mirror: ["delta", "iv", "gamma", "theta", "vega"] },
  positions: { title: "Positions", keep: ["oi", "exposure", "volume", "delta"], order: ["delta", "volume", "exposure", "oi"], mirror: ["oi", "exposure", "volume", "delta"] },
};

/** The columns of both sides that fit into so many pixels a side. */
export function columnsFor(preset, room) {
  const { keep, order, mirror } = PRESETS[preset];
  const kept = new Set();
  let taken = 0;
  for (const id of keep) {
    taken += COLUMNS[id].width;
    if (taken > room && kept.size >= 2) break;
    kept.add(id);
  }
  return { call: order.filter((id) => kept.has(id)), put: mirror.filter((id) => kept.has(id)) };
}

export const hasChanged = (before, after) => before !== after && (isNumber(before) || isNumber(after));
