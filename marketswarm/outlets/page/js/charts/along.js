/** What charts over prices have in common: their lines stand upright, with labels in rows above. */

import { fixed } from "../format.js";
import { annotationBands, annotationLines, lineText, together } from "./annotated.js";
import { rowsFor } from "./chips.js";
import { colour, faint } from "./colours.js";
import { band, rule } from "./frame.js";
import { structureOf } from "./structure.js";
import { price } from "./wording.js";

const ROW_PX = 24;
const EDGE_PX = 8;
const NEAR_PX = 40; // a label whose line is further beside it no longer seems to be of that line

/** Spot, structure and annotations of one widget, ascending by price. */
export function uprights(levels, spot, notes, widget) {
  const now = { name: "spot", label: "Spot", at: spot, role: "spot", explain: "spot", dash: [] };
  const structure = structureOf(levels).map((line) => ({ ...line, explain: line.name, dash: line.name === "flip" ? [7, 4] : [] }));
  return [now, ...together(structure, annotationLines(notes, widget))].sort((one, other) => one.at - other.at);
}

/** Bands of one widget's annotations. */
export const uprightBands = annotationBands;

/** Draws bands, then lines. */
export function drawUprights(plot, { lines, bands = [] }) {
  for (const one of bands) band(plot, "x", one.low, one.high, faint(`role-${one.role}`, 0.08));
  for (const one of bands) {
    for (const edge of [one.low, one.high]) rule(plot, "x", edge, { role: one.role, dash: [1, 3], width: 1 });
    bandName(plot, one);
  }
  for (const line of lines) rule(plot, "x", line.at, { role: line.role, dash: line.dash, width: line.name === "spot" ? 2 : 1.5 });
}

/** A band's name at the foot of it, where it is wide enough to hold it. */
function bandName(plot, { low, high, label, role }) {
  const { ctx, bbox } = plot;
  const [from, to] = [low, high].map((at) => plot.valToPos(at, "x", true)).map((at) => Math.max(bbox.left, Math.min(at, bbox.left + bbox.width)));
  ctx.save();
  ctx.font = `${10 * devicePixelRatio}px Inter, system-ui, sans-serif`;
  ctx.fillStyle = colour(`role-${role}`);
  ctx.textAlign = "center";
  if (ctx.measureText(label).width < to - from - 6) ctx.fillText(label, (from + to) / 2, bbox.top + bbox.height - 5 * devicePixelRatio);
  ctx.restore();
}

/** Bands in words. */
export const bandWords = (bands) => bands.map(({ label, low, high }) => ` ${label}, ${price(low)} to ${price(high)}.`).join("");

/** Labels above, each over its line where there is room, else with their names short; an arrow for what lies beyond. */
export function placeUprights(frame, { lines, range }) {
  const full = laid(frame, lines, range, false);
  const { chips, places } = full.isNear ? full : laid(frame, lines, range, true);
  places.forEach(({ left, row }, i) => {
    chips[i].style.left = `${left + EDGE_PX}px`;
    chips[i].style.top = `${row * ROW_PX}px`;
  });
  const rows = Math.max(1, ...places.map(({ row }) => row + 1));
  frame.chips.element.style.height = `${rows * ROW_PX}px`;
}

/** Labels with their places, and whether each of them is in the first row and near its line. */
function laid(frame, lines, [low, high], isShort) {
  const plot = frame.plots[0];
  const origin = plot.bbox.left / devicePixelRatio - EDGE_PX;
  const shown = frame.chips.show(lines.map((line) => ({ ...line, text: textOf(line, low, high) })), isShort);
  const sizes = lines.map((line, i) => ({
    centre: origin + plot.valToPos(Math.min(high, Math.max(low, line.at)), "x"),
    width: shown[i].offsetWidth,
    chip: shown[i],
  })).sort((one, other) => one.centre - other.centre);
  const places = rowsFor(sizes, frame.plot.clientWidth - 2 * EDGE_PX, isShort ? 2 : 4, isShort ? 1 : 0.94);
  const isNear = places.every(({ left, row }, i) => row === 0 && Math.abs(left + sizes[i].width / 2 - sizes[i].centre) <= sizes[i].width / 2 + NEAR_PX);
  return { chips: sizes.map(({ chip }) => chip), places, isNear };
}

function textOf(line, low, high) {
  const text = line.name === "spot" ? fixed(line.at) : lineText(line, price(line.at));
  if (line.at < low) return `← ${text}`;
  return line.at > high ? `${text} →` : text;
}
