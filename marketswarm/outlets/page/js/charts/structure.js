/** The prices that structure a day, read from its levels for drawing. Pure. */

import { level, number } from "../levels.js";

const NAMES = { flip: "Flip", call_wall: "Call wall", put_wall: "Put wall" };

/**
 * The prices that structure the day: walls and flip.
 * @returns {{name: string, label: string, at: number, role: string}[]}
 */
export function structureOf(levels) {
  return [
    mark(levels, "call_wall", "call", "strike"),
    mark(levels, "flip", "flip"),
    mark(levels, "put_wall", "put", "strike"),
  ].filter(Boolean);
}

function mark(levels, name, role, member) {
  const at = number(levels, name, member);
  return at === undefined ? null : { name, label: NAMES[name], at, role };
}

/** Spot as every panel shows it: that of the newest tick, which the levels follow. */
export const spotOf = (store) => store.get("spot")?.latest?.spot ?? number(store.get("levels"), "spot") ?? store.get("levels")?.spot;

/**
 * The expected move as a band of prices: that of the open around the spot of then, if that is known, else what is left around
 * the forward.
 * @param {{ts: number, spot: number}[]} ticks
 * @returns {{low: number, high: number, move: number, name: string, label: string} | null}
 */
export function expectedBand(levels, ticks = []) {
  const atOpen = openBand(levels, ticks);
  if (atOpen) return atOpen;
  const move = number(levels, "move_left");
  const centre = number(levels, "forward") ?? levels?.spot;
  if (move === undefined || centre === undefined) return null;
  return { low: centre - move, high: centre + move, move, name: "move_left", label: "Expected from here", short: "from here" };
}

const ANCHOR_WITHIN_MS = 30_000;

function openBand(levels, ticks) {
  const move = number(levels, "move_open");
  const { as_of: fixed, since_open: sinceOpen } = level(levels, "move_open") ?? {};
  const anchor = ticks.find((tick) => Math.abs(tick.ts - fixed) <= ANCHOR_WITHIN_MS);
  if (move === undefined || !anchor) return null;
  const centre = anchor.spot;
  const label = sinceOpen === false ? "Expected since the start" : "Expected of the day, from the open";
  return { low: centre - move, high: centre + move, move, name: "move_open", label, short: sinceOpen === false ? "since start" : "of the day" };
}

/** Where prices matter now: some sigmas around spot, and the structure if it is near enough. */
export function priceWindow(levels, spot, sigmas = 3) {
  const sigma = number(levels, "sigma") ?? (number(levels, "move_left") ?? 0) * 1.25;
  const reach = Math.max(sigma * sigmas, spot * 0.004);
  const near = structureOf(levels).filter((line) => Math.abs(line.at - spot) <= reach * 1.6);
  const low = Math.min(spot - reach, ...near.map((line) => line.at));
  const high = Math.max(spot + reach, ...near.map((line) => line.at));
  const edge = (high - low) * 0.04;
  return [low - edge, high + edge];
}
