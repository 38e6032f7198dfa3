/** How far spot has come: from the session's first tick where it is held, else from the first one held. */

import { marketDay, minuteTime } from "./format.js";

export function changeOf(spot) {
  const latest = spot?.latest;
  if (!latest || !spot.ticks.length) return null;
  const today = marketDay(latest.ts);
  const first = spot.ticks.find((tick) => marketDay(tick.ts) === today && minuteTime(tick.ts) >= "09:30") ?? spot.ticks[0];
  const points = latest.spot - first.spot;
  return { points, share: points / first.spot, since: minuteTime(first.ts) };
}

export const direction = (points) => (points > 0 ? "up" : points < 0 ? "down" : "");
export const arrow = (points) => (points > 0 ? "▲" : points < 0 ? "▼" : "");
