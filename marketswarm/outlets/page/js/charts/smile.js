/** Implied volatility by strike: calls and puts as they are quoted, the fitted smile, and a ghost of how it was before. */

import { make } from "../dom.js";
import { figure } from "../figure.js";
import { duration, percent } from "../format.js";
import { number, value } from "../levels.js";
import { bandWords, drawUprights, placeUprights, uprightBands, uprights } from "./along.js";
import { colour, faint } from "./colours.js";
import { axis, mountChart, readOut } from "./frame.js";
import { spotOf } from "./structure.js";
import { absence, price, volPoints } from "./wording.js";

const FIT_REACH = 2; // sigmas that the fit is made of
const SHOWN = 2.6; // sigmas that are shown
const STEPS = 60;
const GHOST_MS = 600_000;
const KEEP_MS = 60_000;

/**
 * @param {HTMLElement} element
 * @param {object} store
 */
export function mount(element, store) {
  const before = new Earlier();
  return mountChart(element, store, {
    name: "smile",
    title: "Smile",
    parts: ["symbol", "levels", "chain", "spot", "marks"],
    every_ms: { chain: 1_000 },
    read: (from) => read(from, before),
    headline,
    summary,
    table,
    place: placeUprights,
    panes: [{ name: "volatility", options, data: (model) => model.data }],
  });
}

/** Fits of the last quarter of an hour, one a minute for each chain; the page's own memory. */
export class Earlier {
  #fits = new Map();

  /** Keeps a fit, and gives the one of ten minutes before, or else the oldest that is a minute old. */
  take(chain, fit, ts) {
    const fits = this.#fits.get(chain) ?? [];
    if (!fits.length || ts - fits.at(-1).ts >= KEEP_MS) fits.push({ fit, ts });
    while (fits.length && ts - fits[0].ts > GHOST_MS * 1.5) fits.shift();
    this.#fits.set(chain, fits);
    const old = fits.findLast((one) => ts - one.ts >= GHOST_MS) ?? fits[0];
    return ts - old.ts >= KEEP_MS ? old : null;
  }
}

function read(store, before) {
  const levels = store.get("levels");
  const [forward, sigma] = [number(levels, "forward"), number(levels, "sigma")];
  const contracts = contractsOf(store.get("chain"));
  if (forward === undefined || sigma === undefined) return { empty: `No smile: ${absence(levels, "sigma")}.` };
  const range = [forward * Math.exp((-SHOWN * sigma) / forward), forward * Math.exp((SHOWN * sigma) / forward)];
  const fit = fitOf(levels, forward, sigma);
  const ghost = fit && before.take(`${levels.symbol} ${levels.expiration}`, fit, levels.as_of);
  const quoted = contracts.filter(({ strike, greeks }) => greeks?.iv > 0 && strike >= range[0] && strike <= range[1]);
  if (!quoted.length && !fit) return { empty: `No smile: ${absence(levels, "smile")}.` };
  const notes = store.get("marks") ?? [];
  const spot = spotOf(store) ?? forward;
  const model = { levels, forward, spot, range, fit, ghost, quoted, data: rowsOf({ quoted, fit, ghost: ghost?.fit, range }) };
  return { ...model, tall: tallOf(model), lines: uprights(levels, spot, notes, "smile").filter(inside(range)), bands: uprightBands(notes, "smile") };
}

const inside = ([low, high]) => ({ at }) => at >= low && at <= high;

function contractsOf(chain) {
  return chain ? [...chain.contracts.values()] : [];
}

function fitOf(levels, forward, sigma) {
  const smile = value(levels, "smile");
  if (!smile || typeof smile.level !== "number") return null;
  return { level: smile.level, skew: smile.skew, curvature: smile.curvature, forward, width: sigma / forward, good: smile.is_good };
}

/** What a fit says of a strike; undefined where it is not made for it. */
export function fitted(fit, strike) {
  const x = Math.log(strike / fit.forward) / fit.width;
  return Math.abs(x) > FIT_REACH ? undefined : fit.level + fit.skew * x + fit.curvature * x * x;
}

/** Strikes, then calls and puts out of the money, both in it, the fit and its ghost, each with null where it says nothing. */
function rowsOf({ quoted, fit, ghost, range: [low, high] }) {
  const steps = Array.from({ length: STEPS + 1 }, (_, i) => low + ((high - low) * i) / STEPS);
  const strikes = [...new Set([...quoted.map(({ strike }) => strike), ...steps])].sort((one, other) => one - other);
  const held = { call: new Map(), put: new Map() };
  for (const one of quoted) held[one.type]?.set(one.strike, one.greeks.iv);
  const line = (which) => strikes.map((strike) => (which ? fitted(which, strike) ?? null : null));
  const dots = (type) => strikes.map((strike) => held[type].get(strike) ?? null);
  return [strikes, dots("call"), dots("put"), line(fit), line(ghost)];
}

/** Of the sides out of the money and the fits: what is deep in the money is quoted too wide to set the scale. */
function tallOf({ quoted, forward, data }) {
  const outside = quoted.filter(({ type, strike }) => (type === "call") === (strike >= forward)).map(({ greeks }) => greeks.iv);
  const values = [...outside, ...data[3], ...data[4]].filter((value) => value !== null);
  const [least, most] = [Math.min(...values), Math.max(...values)];
  const edge = Math.max((most - least) * 0.12, 0.005);
  return [Math.max(0, least - edge), most + edge];
}

function options(frame) {
  const line = (role, more) => ({ stroke: () => colour(role), width: 2.5, points: { show: false }, spanGaps: true, ...more });
  const dots = { paths: () => null, points: { show: false } };
  return {
    padding: [6, 22, 0, 0],
    scales: { x: { time: false, range: () => frame.model.range }, y: { range: () => frame.model.tall } },
    axes: [
      axis({ values: (_, splits) => splits.map(price), size: 26, space: 56 }),
      axis({ values: (_, splits) => splits.map((value) => `${+(value * 100).toFixed(1)}\u00a0%`), size: 46, space: 30, gap: 2 }),
    ],
    series: [{}, dots, dots, line("chart-fit"), { ...line("chart-ghost"), dash: [4, 4], width: 2 }],
    cursor: { y: false, drag: { x: false, y: false }, points: { show: false } },
    hooks: { drawAxes: [(plot) => drawUprights(plot, frame.model)], draw: [(plot) => legend(plot, frame.model), (plot) => quotes(plot, frame.model)], setCursor: [(plot) => pointAt(plot, frame)] },
  };
}

/** Calls as dots, puts as squares: full out of the money, faint in it. */
function quotes(plot, { quoted, forward, tall: [low, high] }) {
  const { ctx } = plot;
  const size = 3.2 * devicePixelRatio;
  const isOutside = ({ type, strike }) => (type === "call") === (strike >= forward);
  const behindFirst = [...quoted].sort((one, other) => isOutside(one) - isOutside(other));
  for (const { type, strike, greeks } of behindFirst) {
    if (greeks.iv < low || greeks.iv > high) continue;
    const outside = isOutside({ type, strike });
    const [x, y] = [plot.valToPos(strike, "x", true), plot.valToPos(greeks.iv, "y", true)];
    ctx.fillStyle = outside ? colour(`role-${type}`) : faint(`role-${type}`, 0.35);
    ctx.beginPath();
    if (type === "call") ctx.arc(x, y, size, 0, 7);
    else ctx.rect(x - size * 0.9, y - size * 0.9, size * 1.8, size * 1.8);
    ctx.fill();
  }
}

/** What the signs of the picture are: where calls are out of the money there is room above them; lines pass behind the words. */
function legend({ ctx, bbox }, { quoted, fit }) {
  const held = (type) => quoted.some((one) => one.type === type);
  const signs = [fit && ["— fit", "chart-fit"], held("put") && ["■ puts", "role-put"], held("call") && ["● calls", "role-call"]].filter(Boolean);
  if (!signs.length) return;
  const [pixel, gap] = [devicePixelRatio, 10 * devicePixelRatio];
  ctx.save();
  ctx.font = `${11 * pixel}px Inter, system-ui, sans-serif`;
  ctx.textAlign = "right";
  const widths = signs.map(([text]) => ctx.measureText(text).width);
  const wide = widths.reduce((sum, width) => sum + width + gap, 0);
  let right = bbox.left + bbox.width - 4 * pixel;
  ctx.fillStyle = colour("chart-ground");
  ctx.fillRect(right - wide + gap / 2, bbox.top, wide - gap / 2, 17 * pixel);
  signs.forEach(([text, paint], i) => {
    ctx.fillStyle = colour(paint);
    ctx.fillText(text, right, bbox.top + 12 * pixel);
    right -= widths[i] + gap;
  });
  ctx.restore();
}

function pointAt(plot, frame) {
  const { left } = plot.cursor;
  if (left < 0) {
    readOut(frame, "");
    return;
  }
  const at = plot.posToVal(left, "x");
  const strikes = frame.model.quoted.map(({ strike }) => strike);
  const strike = strikes.reduce((best, one) => (Math.abs(one - at) < Math.abs(best - at) ? one : best), strikes[0]);
  const told = frame.model.quoted.filter((one) => one.strike === strike).map(({ type, greeks }) => `${type} ${percent(greeks.iv)}`);
  readOut(frame, strike === undefined ? "" : `${price(strike)}: ${told.join(", ")}`);
}

/** What stands beside the title. */
export function headline({ levels, ghost }) {
  const smile = value(levels, "smile");
  const at = number(levels, "volatility");
  const reversal = smile?.risk_reversal;
  return [
    at !== undefined && make("span", { class: "item" }, "ATM ", figure("volatility", percent(at))),
    smile && make("span", { class: "item" }, "skew ", figure("smile", volPoints(smile.skew)), ...(typeof reversal === "number" ? [", 25Δ ", figure("smile", volPoints(reversal))] : []), " vol pts"),
    smile?.level > 0 && !smile.is_good && make("span", { class: "item muted" }, `poor fit: ${missOf(smile)} vol pts off`),
    ghost && make("span", { class: "item muted" }, `dashed: ${duration(levels.as_of - ghost.ts)} ago`),
  ].filter(Boolean);
}

function summary({ levels, ghost, bands }) {
  const at = number(levels, "volatility");
  const smile = value(levels, "smile");
  const head = at === undefined ? "Volatility at the money is not known" : `Volatility at the money ${percent(at)}`;
  const skew = smile ? `, skew ${volPoints(smile.skew)} volatility points a sigma` : `, no fit: ${absence(levels, "smile")}`;
  const was = smile && ghost ? `. ${duration(levels.as_of - ghost.ts)} before, level was ${percent(ghost.fit.level)}` : "";
  const quality = smile ? `, ${missOf(smile)} volatility points off over ${smile.points} quotes` : "";
  return `${head}${skew}${was}. Dots are calls, squares puts, the line is the fit${quality}.${bandWords(bands)}`;
}

/** How far the quotes lie from the fit, as a root mean square, in volatility points. */
function missOf({ error }) {
  return (error * 100).toFixed(1);
}

function table({ quoted, fit }) {
  const strikes = [...new Set(quoted.map(({ strike }) => strike))].sort((one, other) => other - one);
  const of = (strike, type) => {
    const found = quoted.find((one) => one.strike === strike && one.type === type);
    return found ? percent(found.greeks.iv) : "–";
  };
  const curve = (strike) => {
    const found = fit ? fitted(fit, strike) : undefined;
    return found === undefined ? "–" : percent(found);
  };
  return { columns: ["Strike", "Call", "Put", "Fit"], rows: strikes.map((one) => [price(one), of(one, "call"), of(one, "put"), curve(one)]) };
}
