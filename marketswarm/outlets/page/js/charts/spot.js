/** Spot of the last hours with the prices that structure the day, and Vigil's events where they happened. */

import { make } from "../dom.js";
import { figure } from "../figure.js";
import { clockTime, fixed, minuteTime } from "../format.js";
import { importanceOf, strikeOf } from "../event_words.js";
import { annotationBands, annotationLines, annotationPoints, lineText, together } from "./annotated.js";
import { spread } from "./chips.js";
import { colour, faint } from "./colours.js";
import { axis, band, mountChart, readOut, rule } from "./frame.js";
import { expectedBand, structureOf } from "./structure.js";
import { points, price, signedPoints, whereFrom } from "./wording.js";

const SILENT_MS = 25_000; // of two ticks further apart, none is drawn between: ticks are missing
const MARKED_FROM = 1; // notice
const LEAST_MS = 600_000; // of time that is shown
const NEAR_PX = 14;
const CHIP_PX = 22;
const LOW_CHIP_PX = 18;

/**
 * @param {HTMLElement} element
 * @param {object} store
 */
export function mount(element, store) {
  return mountChart(element, store, {
    name: "spot",
    title: "Spot and levels",
    parts: ["symbol", "spot", "levels", "events", "marks"],
    read,
    headline,
    summary,
    table,
    place,
    panes: [{ name: "line", options: (frame) => options(frame, store), data: (model) => model.data }],
  });
}

function read(store) {
  const ticks = store.get("spot")?.ticks ?? [];
  const levels = store.get("levels");
  if (!ticks.length) return { empty: "No spot yet. A tick comes every ten seconds." };
  const spot = ticks.at(-1).spot;
  const notes = store.get("marks") ?? [];
  const { expected, bands } = expectedOf(levels, ticks, annotationBands(notes, "spot"));
  const lines = together(structureOf(levels), annotationLines(notes, "spot"));
  const markers = markersOf(store.get("events") ?? [], store.get("symbol"), ticks);
  const model = { ticks, spot, levels, lines, expected, markers, bands, data: columnsOf(ticks) };
  return { ...model, points: annotationPoints(notes, "spot"), range: rangeOf(model) };
}

/** The expected move, and the bands that are not the same: where Vexy marks the move of the open, she knows the open itself. */
function expectedOf(levels, ticks, bands) {
  const found = expectedBand(levels, ticks);
  const same = found && bands.find((one) => Math.abs((one.high - one.low) / 2 / found.move - 1) < 0.01);
  if (!same) return { expected: found, bands };
  return { expected: { ...found, low: same.low, high: same.high }, bands: bands.filter((one) => one !== same) };
}

/** Times and prices; a null stands where ticks are missing, so that no line is drawn over the hole. */
export function columnsOf(ticks) {
  const times = [];
  const prices = [];
  ticks.forEach((tick, i) => {
    if (i && tick.ts - ticks[i - 1].ts > SILENT_MS) {
      times.push(ticks[i - 1].ts + 1);
      prices.push(null);
    }
    times.push(tick.ts);
    prices.push(tick.spot);
  });
  return [times, prices];
}

/** Events of this symbol that began or rose and weigh something, each at the spot of its time. */
function markersOf(events, symbol, ticks) {
  const first = ticks[0].ts;
  return events
    .filter((event) => event.symbol === symbol && event.state !== "exit" && event.ts >= first && importanceOf(event).rank >= MARKED_FROM)
    .map((event) => ({ event, x: event.ts, y: spotAt(ticks, event.ts) }))
    .filter((marker) => marker.y !== undefined);
}

function spotAt(ticks, ts) {
  return ticks.findLast((tick) => tick.ts <= ts)?.spot;
}

/** What was traded, what is expected, and the levels that are near enough not to flatten it. */
function rangeOf({ ticks, lines, expected, spot }) {
  const prices = ticks.map((tick) => tick.spot);
  const around = expected ? [expected.low, expected.high] : [];
  let low = Math.min(...prices, ...around);
  let high = Math.max(...prices, ...around);
  const reach = Math.max(high - low, spot * 0.002) * 1.2;
  for (const { at } of lines) {
    if (at >= low - reach && at < low) low = at;
    if (at <= high + reach && at > high) high = at;
  }
  const edge = Math.max((high - low) * 0.06, spot * 0.0002);
  return [low - edge, high + edge];
}

function options(frame, store) {
  return {
    padding: [10, null, 0, 0],
    scales: { x: { time: true, range: (_, low, high) => [Math.min(low, high - LEAST_MS), high] }, y: { range: () => frame.model.range } },
    axes: [
      axis({ values: (_, splits) => splits.map(minuteTime), space: 60, size: 26 }),
      axis({ values: (_, splits) => splits.map(price), size: 48, space: 36, gap: 2 }),
      { side: 1, size: () => gutter(frame), show: true, grid: { show: false }, ticks: { show: false }, values: () => [] },
    ],
    series: [{}, { stroke: () => colour("chart-spot"), width: 1.75, points: { show: false }, spanGaps: false }],
    cursor: { y: false, drag: { x: false, y: false }, points: { size: 7, fill: () => colour("chart-spot") } },
    hooks: {
      drawAxes: [(plot) => behind(plot, frame.model)],
      draw: [(plot) => before(plot, frame.model)],
      setCursor: [(plot) => pointAt(plot, frame)],
      ready: [(plot) => plot.over.addEventListener("click", () => follow(plot, frame, store))],
    },
  };
}

/** Vexy's marks have longer names than levels. */
const gutter = ({ narrow, model }) => (!narrow ? 156 : model.lines?.some(({ kind }) => kind) ? 142 : 116);

function behind(plot, { expected, bands, lines }) {
  if (expected) band(plot, "y", expected.low, expected.high, faint("role-band", 0.11));
  for (const one of bands) band(plot, "y", one.low, one.high, faint(`role-${one.role}`, 0.12));
  if (expected) for (const edge of [expected.low, expected.high]) rule(plot, "y", edge, { role: "band", dash: [2, 3], width: 1 });
  for (const line of lines) rule(plot, "y", line.at, { role: line.role, dash: line.name === "flip" ? [7, 4] : line.dash });
}

function before(plot, { markers, points: rings, ticks, spot }) {
  for (const { event, x, y } of markers) marker(plot, event, x, y);
  for (const ring of rings) circle(plot, ring.x ?? ticks.at(-1).ts, ring.y ?? spot, 9, colour(`role-${ring.role}`), false);
  circle(plot, ticks.at(-1).ts, spot, 4, colour("chart-spot"), true);
}

function circle(plot, x, y, radius, paint, filled) {
  const { ctx } = plot;
  ctx.beginPath();
  ctx.arc(plot.valToPos(x, "x", true), plot.valToPos(y, "y", true), radius * devicePixelRatio, 0, 7);
  ctx.lineWidth = 2 * devicePixelRatio;
  ctx.strokeStyle = ctx.fillStyle = paint;
  if (filled) ctx.fill();
  else ctx.stroke();
}

/** A triangle that points where it went, or a diamond, in the colour of its importance. */
function marker(plot, event, x, y) {
  const size = 6 * devicePixelRatio;
  const [left, top] = [plot.valToPos(x, "x", true), plot.valToPos(y, "y", true)];
  const turn = event.direction === "down" ? 1 : -1;
  const { ctx } = plot;
  ctx.beginPath();
  if (event.direction) {
    ctx.moveTo(left, top + turn * size * 2.4);
    ctx.lineTo(left - size, top + turn * size * 0.8);
    ctx.lineTo(left + size, top + turn * size * 0.8);
  } else {
    const middle = top - size * 1.8;
    ctx.moveTo(left, middle - size);
    ctx.lineTo(left + size, middle);
    ctx.lineTo(left, middle + size);
    ctx.lineTo(left - size, middle);
  }
  ctx.closePath();
  ctx.fillStyle = colour(`importance-${event.importance}`);
  ctx.strokeStyle = colour("chart-ground");
  ctx.lineWidth = 1.5 * devicePixelRatio;
  ctx.fill();
  ctx.stroke();
}

/** Of the events beside the pointer the weightiest, and of those the nearest. */
function nearest(plot, { markers }) {
  const { left } = plot.cursor;
  return markers
    .map((one) => ({ ...one, away: Math.abs(plot.valToPos(one.x, "x") - left) }))
    .filter((one) => one.away <= NEAR_PX)
    .sort((one, other) => importanceOf(other.event).rank - importanceOf(one.event).rank || one.away - other.away)[0];
}

function pointAt(plot, frame) {
  const index = plot.cursor.idx;
  const value = plot.cursor.left >= 0 && index !== null ? plot.data[1][index] : null;
  if (value === null || value === undefined) {
    readOut(frame, "");
    return;
  }
  const event = nearest(plot, frame.model)?.event;
  const told = event ? ` · ${importanceOf(event).icon} ${event.title}` : "";
  readOut(frame, `${clockTime(plot.data[0][index])}  ${fixed(value)}${told}`);
}

function follow(plot, frame, store) {
  const event = nearest(plot, frame.model)?.event;
  const strike = event && strikeOf(event);
  if (strike !== undefined) store.act("show-strike", strike);
}

/** Labels in the right gutter, each as near to its line as the others let it; an arrow for what lies beyond. */
function place(frame, model) {
  const plot = frame.plots[0];
  const room = gutter(frame);
  if (room !== (frame.gutter ?? room)) {
    plot.setSize({ width: plot.width, height: plot.height }); // it asks for the gutter anew
    queueMicrotask(() => place(frame, model));
  }
  frame.gutter = room;
  const { top, height, left, width } = plot.bbox;
  const [start, end] = [top / devicePixelRatio - 4, (top + height) / devicePixelRatio + 4];
  const [low, high] = model.range;
  const size = frame.low ? LOW_CHIP_PX : CHIP_PX;
  const labels = labelsOf(model).slice(0, Math.floor((end - start) / size)).sort((one, other) => other.at - one.at)
    .map((label) => ({ ...label, text: textOf(label, model) }));
  const wanted = labels.map(({ at }) => start + 4 + plot.valToPos(Math.min(high, Math.max(low, at)), "y") - size / 2);
  const chips = frame.chips.show(labels);
  spread(wanted, labels.map(() => size), start, end).forEach((place, i) => {
    chips[i].style.top = `${place}px`;
    chips[i].style.height = `${size - 2}px`;
    chips[i].style.left = `${(left + width) / devicePixelRatio + 6}px`;
    chips[i].style.width = `${room - 14}px`;
    frame.chips.shorten(chips[i], labels[i]);
  });
}

/** Most wanted first: where there is no room for all, the last ones are left out. */
function labelsOf({ lines, expected, bands, spot }) {
  const now = { name: "spot", label: "Spot", at: spot, role: "spot", explain: "spot" };
  const edges = expected ? [
    { name: "band-high", label: "Expected high", at: expected.high, role: "band", explain: expected.name },
    { name: "band-low", label: "Expected low", at: expected.low, role: "band", explain: expected.name },
  ] : [];
  const named = bands.map((one) => ({ ...one, at: one.high }));
  return [now, ...lines.map((line) => ({ explain: line.name, ...line })), ...named, ...edges];
}

function textOf(label, { range: [low, high], spot }) {
  const arrow = label.at > high ? "↑ " : label.at < low ? "↓ " : "";
  if (label.name === "spot") return fixed(spot);
  return `${arrow}${lineText(label, price(label.at))}`;
}

function headline({ expected, ticks, spot }) {
  const since = ticks[0];
  const way = make("span", { class: "item" }, `${signedPoints(spot - since.spot)} since ${minuteTime(since.ts)}`);
  if (!expected) return [way];
  const edges = `${price(expected.low)}–${price(expected.high)}`;
  return [way, item("band", `Expected ${expected.short}`, expected.name, `±${points(expected.move)}`, ""), make("span", { class: "item" }, edges)];
}

function item(role, label, key, text, more) {
  return make("span", { class: "item" }, make("span", { class: `key role-${role}` }, label), " ", figure(key, text), ` ${more}`);
}

function summary({ levels, spot, expected, ticks }) {
  const lines = structureOf(levels).map((line) => `${line.label} ${price(line.at)}, ${whereFrom(line.at, spot)}`);
  const move = expected ? [`${expected.label} ${price(expected.low)} to ${price(expected.high)}`] : [];
  const since = ticks[0];
  const way = `Spot ${fixed(spot)}, ${signedPoints(spot - since.spot)} since ${minuteTime(since.ts)}`;
  return [way, ...lines, ...move].join(". ") + ".";
}

const ROWS = 60;

function table({ ticks, levels, spot }) {
  const marks = structureOf(levels).map((line) => [line.label, price(line.at), whereFrom(line.at, spot)]);
  const rows = ticks.slice(-ROWS).reverse().map((tick) => [clockTime(tick.ts), fixed(tick.spot), ""]);
  return { columns: ["What or when", "Price", "Where"], rows: [...marks, ...rows] };
}

