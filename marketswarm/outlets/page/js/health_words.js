/** What the columns of the feed's health mean, and what stands behind a symbol's spot there. Pure. */

import { clockTime } from "./format.js";

const COLUMNS = {
  state: ["State", "How the chain stands: live, stale (nothing is heard), gap (updates were lost and are read again), loading, closed, lost."],
  age: ["Changed", "How long ago the last change of the chain arrived on this page."],
  spot: ["Spot tick", "How long ago our last heartbeat was: a reading of spot every ten seconds. The price that was read can be older, by the vendor's own time."],
  rate: ["Changes a second", "How many contracts change in a second."],
  lag: ["Lag", "Milliseconds from the provider's frame to the store: half of the changes are quicker than the first number (p50), and 99 of 100 quicker than the second (p99)."],
  gaps: ["Gaps", "How often updates were lost, after which the chain was read again."],
  reconnects: ["Reconnects", "How often the connection to the provider was made again."],
};

/** @returns {import("./explanations.js").Explanation | null} */
export function healthOf(store, [column, symbol]) {
  const [name, text] = COLUMNS[column] ?? [];
  if (!name) return null;
  const rows = symbol && column === "spot" ? spotRows(store.get("spots")?.[symbol]?.latest) : [];
  return { title: symbol ? `${symbol}: ${name.toLowerCase()}` : name, text, rows };
}

function spotRows(latest) {
  if (!latest) return [["Known", "not yet"]];
  const own = latest.as_of === undefined ? "not told" : `${clockTime(latest.as_of)} New York`;
  return [["Tick of", `${clockTime(latest.ts)} New York`], ["Time by the vendor", own]];
}
