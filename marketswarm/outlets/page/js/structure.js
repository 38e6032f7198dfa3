/** The day's structure on one line of prices: walls, flip, spot and the expected move, over the gamma of each strike. */

import { rowsFor, spread } from "./charts/chips.js";
import { byId, draw, make, mark, write } from "./dom.js";
import { duration, fixed, price } from "./format.js";
import { number, regimeWord, rows, whyAbsent } from "./levels.js";

const HEIGHT = 86;
const TRACK = { top: 22, bottom: 64, middle: 44 };
const LABEL_GAP = 6;
const PER_LETTER = 6.2;
const ROW = 15;
const NARROW = 560;
const NEAR = 6; // a label that ends further beside its line seems to be of another one
const OLD_MS = 45_000;

export function mount(store) {
  const section = byId("panel-structure");
  const words = make("p", { id: "structure-words" });
  const picture = draw("svg", { height: HEIGHT, "aria-hidden": "true" });
  section.append(words, picture);
  const show = () => drawAll(store, section, words, picture);
  store.subscribe("levels", show);
  store.subscribe("spot", show);
  new ResizeObserver(show).observe(section);
}

function drawAll(store, section, words, picture) {
  const levels = store.get("levels");
  const spot = store.get("spot")?.latest?.spot ?? number(levels, "spot");
  const width = picture.clientWidth || section.clientWidth - 24;
  write(words, sentence(store.get("symbol"), levels, spot) + caveat(levels, store.get("spot")?.latest?.ts));
  if (!levels || spot === undefined || width < 100) {
    picture.replaceChildren();
    return;
  }
  const marks = marksOf(levels, spot);
  const scale = scaleOf(marks, levels, spot, width);
  const [above, below] = ["above", "below"].map((row) => placed(marks.filter((each) => each.side === row), scale, width));
  const least = width < NARROW ? 1 : 0; // where a second row is needed now and then, its room is kept, so that nothing jumps
  const [more, beneath] = [Math.max(least, rowsOf(above)) * ROW, rowsOf(below) * ROW];
  mark(picture, "height", HEIGHT + more + beneath);
  mark(picture, "viewBox", `0 ${-more} ${width} ${HEIGHT + more + beneath}`);
  const tags = [...above.map((each) => tag(each, true)), ...below.map((each) => tag(each, false))];
  picture.replaceChildren(
    ...zones(levels, scale, width),
    ...moveBand(levels, spot, scale),
    ...bars(levels, scale),
    draw("line", { class: "axis", x1: 0, x2: width, y1: TRACK.middle, y2: TRACK.middle }),
    ...tags.flatMap((each) => each.lines),
    ...tags.flatMap((each) => each.words),
  );
}

/** What stands on the line. Above it the levels, below it spot and how far options let it go. */
function marksOf(levels, spot) {
  const move = number(levels, "move_left");
  const all = [
    { kind: "put", side: "above", at: number(levels, "put_wall", "strike"), word: "put wall" },
    { kind: "flip", side: "above", at: number(levels, "flip"), word: "flip" },
    { kind: "call", side: "above", at: number(levels, "call_wall", "strike"), word: "call wall" },
    { kind: "spot", side: "below", at: spot, word: "spot", digits: 2 },
    { kind: "move", side: "below", at: move && spot - move, word: "from here:" },
    { kind: "move", side: "below", at: move && spot + move, word: "to" },
  ];
  return all.filter((each) => each.at !== undefined).map((each) => ({ ...each, text: `${each.word} ${each.digits ? fixed(each.at, 2) : price(each.at, 1)}` }));
}

function scaleOf(marks, levels, spot, width) {
  const reach = Math.max(...marks.map((each) => Math.abs(each.at - spot)).filter((far) => far < spot * 0.06), (number(levels, "move_left") ?? spot * 0.004) * 1.3) * 1.12;
  const [low, high] = [spot - reach, spot + reach];
  return { low, high, x: (at) => Math.max(2, Math.min(width - 2, ((at - low) / (high - low)) * width)) };
}

/** Where the model's gamma is negative and where positive: the two sides of the flip. */
function zones(levels, { x }, width) {
  const flip = number(levels, "flip");
  if (flip === undefined) return [];
  const [at, rises] = [x(flip), (rows(levels, "crossings").find(([place]) => place === flip)?.[1] ?? 1) > 0];
  const zone = (name, from, to) => draw("rect", { class: `zone ${name}`, x: from, width: Math.max(0, to - from), y: TRACK.top, height: TRACK.bottom - TRACK.top });
  return [zone(rises ? "below" : "beyond", 0, at), zone(rises ? "beyond" : "below", at, width)];
}

function moveBand(levels, spot, { x }) {
  const move = number(levels, "move_left");
  if (!move) return [];
  const [from, to] = [x(spot - move), x(spot + move)];
  return [draw("rect", { class: "move", x: from, width: to - from, y: TRACK.top, height: TRACK.bottom - TRACK.top, rx: 3 })];
}

/** Net gamma of each strike: calls' side up, puts' side down. */
function bars(levels, { low, high, x }) {
  const shown = rows(levels, "gamma_by_strike").filter(([strike]) => strike >= low && strike <= high);
  const most = Math.max(...shown.map(([, net]) => Math.abs(net)), 1);
  const step = shown.length > 1 ? (x(shown.at(-1)[0]) - x(shown[0][0])) / (shown.length - 1) : 8;
  const width = Math.max(2, Math.min(14, step * 0.62));
  return shown.map(([strike, net]) => {
    const size = Math.max(0.5, (Math.abs(net) / most) * (TRACK.middle - TRACK.top));
    return draw("rect", { class: net >= 0 ? "positive" : "negative", x: x(strike) - width / 2, width, y: net >= 0 ? TRACK.middle - size : TRACK.middle, height: size, rx: 1 });
  });
}

/** Labels beside each other, moved apart where they would lie over each other; in rows where that takes one away from its line. */
function placed(marks, { x }, width) {
  const labels = marks
    .map((each) => ({ ...each, x: x(each.at), size: each.text.length * PER_LETTER + 8 }))
    .sort((one, other) => one.x - other.x);
  const lefts = spread(labels.map((each) => each.x - each.size / 2), labels.map((each) => each.size + LABEL_GAP), 0, width + LABEL_GAP);
  const isNear = labels.every((each, i) => lefts[i] - NEAR <= each.x && each.x <= lefts[i] + each.size + NEAR);
  if (isNear) return labels.map((each, i) => ({ ...each, left: lefts[i], row: 0 }));
  const centres = labels.map((each) => ({ centre: each.x, width: each.size }));
  return rowsFor(centres, width, LABEL_GAP, 0).map((place, i) => ({ ...labels[i], ...place }));
}

const rowsOf = (labels) => Math.max(0, ...labels.map((each) => each.row));

function tag(each, isAbove) {
  const y = isAbove ? 12 - each.row * ROW : 78 + each.row * ROW;
  const [from, to] = isAbove ? [y + 5, TRACK.bottom] : [TRACK.top, y - 9];
  const text = draw("text", { x: each.left + each.size / 2, y: y + 1, class: `label ${each.kind}` });
  text.textContent = each.text;
  const line = draw("line", { class: `tick ${each.kind}`, x1: each.x, x2: each.x, y1: from, y2: to });
  if (each.kind !== "spot") return { lines: [line], words: [text] };
  return { lines: [line], words: [draw("rect", { class: "spot-pill", x: each.left, y: y - 9, width: each.size, height: 15, rx: 4 }), text] };
}

/** The same in words. */
function sentence(symbol, levels, spot) {
  if (!symbol || !levels || spot === undefined) return "Levels are being read.";
  const flip = number(levels, "flip");
  const regime = regimeWord(levels);
  const crossings = rows(levels, "crossings").length;
  const which = crossings > 1 ? `the nearest of ${crossings} gamma flips` : "the gamma flip";
  const first = flip === undefined
    ? `${symbol} has no gamma flip: ${whyAbsent(levels, "flip").replaceAll("-", " ")}`
    : `${symbol} stands ${fixed(Math.abs(spot - flip), 1)} ${spot >= flip ? "above" : "below"} ${which}`;
  const second = regime ? `, in ${regime} gamma by the model` : "";
  return `${first}${second}. ${wallWords(levels, spot)}`;
}

/** What must be known before the levels are believed: that they are degraded, or older than the spot beside them. */
function caveat(levels, ts) {
  const age = ts - levels?.as_of;
  const old = age > OLD_MS ? ` These levels are ${duration(age)} older than spot.` : "";
  return levels?.degraded ? ` Not to be relied on now: ${levels.degraded.replaceAll("-", " ")}.${old}` : old;
}

function wallWords(levels, spot) {
  const walls = [["call_wall", "Call wall"], ["put_wall", "put wall"]]
    .map(([name, word]) => [word, number(levels, name, "strike")])
    .filter(([, strike]) => strike !== undefined)
    .map(([word, strike]) => `${word} ${price(strike)} is ${fixed(Math.abs(strike - spot), 1)} ${strike >= spot ? "above" : "below"}`);
  const move = number(levels, "move_left");
  const rest = move === undefined ? "" : ` Options price ±${fixed(move, 1)} from here to settlement.`;
  const text = walls.join(", ");
  return text ? `${text[0].toUpperCase()}${text.slice(1)}.${rest}` : rest.trim();
}
