/** What the address carries, so that a view can be sent to somebody: symbol, columns, detail level, strike. */

import { PRESETS } from "./columns.js";

const DETAILS = ["beginner", "initiated", "professional"];
const SYMBOL = /^[A-Z][A-Z0-9.]{0,9}$/;

/** What of the address can be used; the rest is left out. */
export function readAddress(search = location.search) {
  const query = new URLSearchParams(search);
  const symbol = (query.get("symbol") ?? "").toUpperCase();
  const strike = Number(query.get("strike"));
  return {
    symbol: SYMBOL.test(symbol) ? symbol : null,
    preset: Object.hasOwn(PRESETS, query.get("columns") ?? "") ? query.get("columns") : null,
    detail: DETAILS.includes(query.get("detail")) ? query.get("detail") : null,
    strike: strike > 0 ? strike : null,
  };
}

export function writeAddress({ symbol, preset, detail, strike }) {
  const query = new URLSearchParams({ symbol, columns: preset, detail });
  if (strike) query.set("strike", String(strike));
  const address = `?${query}`;
  if (address !== location.search) history.replaceState(null, "", address);
}
