/** Gamma by price: what the profile would be at other spots, and what each strike holds now, over one axis of prices. */

import { make } from "../dom.js";
import { figure } from "../figure.js";
import { dollars, percent } from "../format.js";
import { number, regimeWord, rows as rowsOf } from "../levels.js";
import { bandWords, drawUprights, placeUprights, uprightBands, uprights } from "./along.js";
import { colour, faint } from "./colours.js";
import { axis, mountChart, readOut } from "./frame.js";
import { priceWindow, spotOf } from "./structure.js";
import { absence, points, price, shortMoney, whereFrom } from "./wording.js";

const SIGNED = { sign: true };
const WIDE = 54; // of the axis of dollars, the same in both panes, so that prices stand above each other
const REGIMES = {
  positive: ["Positive gamma", "call", "hedging damps moves, in the model"],
  negative: ["Negative gamma", "put", "hedging feeds moves, in the model"],
  neutral: ["Neutral gamma", "note", "hedging does little either way, in the model"],
};

/**
 * @param {HTMLElement} element
 * @param {object} store
 */
export function mount(element, store) {
  return mountChart(element, store, {
    name: "gamma",
    title: "Gamma",
    parts: ["symbol", "levels", "spot", "marks"],
    read,
    headline,
    summary,
    table,
    place: placeUprights,
    panes: [
      { name: "profile", options: profileOptions, data: (model) => model.profile },
      { name: "strikes", options: strikeOptions, data: (model) => model.strikes },
    ],
  });
}

function read(store) {
  const levels = store.get("levels");
  const rows = rowsOf(levels, "gamma_profile");
  const spot = spotOf(store);
  if (!rows.length || spot === undefined) return { empty: `No gamma profile: ${absence(levels, "gamma_profile")}.` };
  const range = within(priceWindow(levels, spot), rows);
  const notes = store.get("marks") ?? [];
  const byStrike = rowsOf(levels, "gamma_by_strike");
  return {
    levels, spot, range, byStrike,
    profile: columns(rows, 1),
    strikes: columns(byStrike, 1),
    step: stepOf(byStrike),
    lines: uprights(levels, spot, notes, "gamma"),
    bands: uprightBands(notes, "gamma"),
  };
}

/** A window of prices, cut to what is known. */
function within([low, high], rows) {
  return [Math.max(low, rows[0][0]), Math.min(high, rows.at(-1)[0])];
}

const columns = (rows, member) => [rows.map((row) => row[0]), rows.map((row) => row[member])];

function stepOf(rows) {
  const gaps = rows.slice(1).map((row, i) => row[0] - rows[i][0]);
  return gaps.length ? Math.min(...gaps) : 1;
}

/** From the least to the most within the window, with zero and some air. */
function tall([at, values], [low, high]) {
  const seen = values.filter((_, i) => at[i] >= low && at[i] <= high);
  const [least, most] = [Math.min(0, ...seen), Math.max(0, ...seen)];
  const edge = (most - least || 1) * 0.08;
  return [least < 0 ? least - edge : -edge, most > 0 ? most + edge : edge];
}

function shared(frame, key) {
  return {
    scales: { x: { time: false, range: () => frame.model.range }, y: { range: () => tall(frame.model[key], frame.model.range) } },
    cursor: { y: false, drag: { x: false, y: false }, sync: { key: "gamma" }, points: { show: false } },
  };
}

function profileOptions(frame) {
  return {
    ...shared(frame, "profile"),
    padding: [4, 22, 0, 0],
    axes: [axis({ values: (_, splits) => (frame.low ? splits.map(price) : []), size: () => (frame.low ? 22 : 4), space: 56 }), axis({ values: (_, splits) => splits.map(shortMoney), size: WIDE, space: 34, gap: 2 })],
    series: [{}, { paths: () => null, points: { show: false } }],
    hooks: { drawAxes: [(plot) => drawUprights(plot, frame.model)], draw: [curve], setCursor: [(plot) => pointAt(plot, frame)] },
  };
}

function strikeOptions(frame) {
  return {
    ...shared(frame, "strikes"),
    padding: [6, 22, 0, 0],
    axes: [
      axis({ values: (_, splits) => splits.map(price), size: 26, space: 56 }),
      axis({ values: (_, splits) => splits.map(shortMoney), size: WIDE, space: 34, gap: 2 }),
    ],
    series: [{}, { paths: () => null, points: { show: false } }],
    hooks: { drawAxes: [(plot) => drawUprights(plot, { ...frame.model, bands: [] })], draw: [(plot) => bars(plot, frame.model)] },
  };
}

/** The profile: above zero in one colour, below in the other, so that its sign is seen before it is read. */
function curve(plot) {
  const { ctx, bbox } = plot;
  const [at, values] = plot.data;
  const zero = plot.valToPos(0, "y", true);
  const path = new Path2D();
  at.forEach((x, i) => path.lineTo(plot.valToPos(x, "x", true), plot.valToPos(values[i], "y", true)));
  const area = new Path2D(path);
  area.lineTo(plot.valToPos(at.at(-1), "x", true), zero);
  area.lineTo(plot.valToPos(at[0], "x", true), zero);
  half(plot, bbox.top, zero, () => shade(ctx, path, area, "call"));
  half(plot, zero, bbox.top + bbox.height, () => shade(ctx, path, area, "put"));
  zeroLine(plot, zero);
}

function shade(ctx, path, area, role) {
  ctx.fillStyle = faint(`role-${role}`, 0.2);
  ctx.fill(area);
  ctx.strokeStyle = colour(`role-${role}`);
  ctx.lineWidth = 2.5 * devicePixelRatio;
  ctx.stroke(path);
}

function half({ ctx, bbox }, from, to, draw) {
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left, from, bbox.width, Math.max(0, to - from));
  ctx.clip();
  ctx.beginPath();
  draw();
  ctx.restore();
}

function zeroLine({ ctx, bbox }, zero) {
  ctx.fillStyle = colour("chart-text");
  ctx.fillRect(bbox.left, Math.round(zero), bbox.width, Math.max(1, devicePixelRatio));
}

function bars(plot, { byStrike, step, range: [low, high] }) {
  const { ctx } = plot;
  const zero = plot.valToPos(0, "y", true);
  const wide = Math.max(2, Math.abs(plot.valToPos(low + step, "x", true) - plot.valToPos(low, "x", true)) * 0.66);
  half(plot, plot.bbox.top, plot.bbox.top + plot.bbox.height, () => {
    for (const [strike, net] of byStrike) {
      if (strike < low || strike > high) continue;
      ctx.fillStyle = colour(net >= 0 ? "role-call" : "role-put");
      const [left, top] = [plot.valToPos(strike, "x", true) - wide / 2, plot.valToPos(net, "y", true)];
      ctx.fillRect(left, Math.min(top, zero), wide, Math.max(1, Math.abs(zero - top)));
    }
  });
  zeroLine(plot, zero);
}

function pointAt(plot, frame) {
  const { left } = plot.cursor;
  if (left < 0) {
    readOut(frame, "");
    return;
  }
  const at = plot.posToVal(left, "x");
  const strike = nearest(frame.model.byStrike, at);
  const profile = nearest(plot.data[0].map((x, i) => [x, plot.data[1][i]]), at);
  const held = strike ? ` · strike ${price(strike[0])} ${dollars(strike[1], SIGNED)}` : "";
  readOut(frame, `at ${price(profile[0])} ${dollars(profile[1], SIGNED)}${held}`);
}

function nearest(rows, at) {
  return rows.reduce((best, row) => (!best || Math.abs(row[0] - at) < Math.abs(best[0] - at) ? row : best), null);
}

function headline({ levels }) {
  const [name, role, sense] = REGIMES[regimeWord(levels)] ?? [];
  const [net, live] = [number(levels, "net_gamma"), number(levels, "live_net_gamma")];
  return [
    name && figure("regime", name, `verdict role-${role}`),
    net !== undefined && make("span", { class: "item" }, figure("net_gamma", dollars(net, SIGNED)), " per 1\u00a0%"),
    live !== undefined && make("span", { class: "item" }, "with volume ", figure("live_net_gamma", dollars(live, SIGNED))),
    name && make("span", { class: "item muted" }, sense),
  ].filter(Boolean);
}

function summary({ levels, spot, bands }) {
  const flip = number(levels, "flip");
  const where = flip === undefined ? `No flip: ${absence(levels, "flip")}` :
    `Flip ${price(flip)}, ${points(spot - flip)} points ${flip < spot ? "below" : "above"} spot`;
  const net = number(levels, "net_gamma");
  const [name] = REGIMES[regimeWord(levels)] ?? ["Regime not known"];
  const sum = net === undefined ? "" : `, net ${dollars(net, SIGNED)} per 1 % move`;
  return `${where}. ${name}${sum}, ${percent(number(levels, "regime") ?? 0, 0)} of gross.${bandWords(bands)}`;
}

function table({ byStrike, range: [low, high] }) {
  const rows = byStrike.filter(([strike]) => strike >= low && strike <= high).reverse();
  return {
    columns: ["Strike", "Net per 1 %", "Calls", "Puts"],
    rows: rows.map(([strike, net, , call, put]) => [price(strike), dollars(net, SIGNED), dollars(call, SIGNED), dollars(put, SIGNED)]),
  };
}
