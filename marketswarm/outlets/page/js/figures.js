/** The day in figures. Each names its level, so that its method and age can be asked for. */

import { arrow, changeOf, direction } from "./change.js";
import { nowMs } from "./clock.js";
import { byId, make, mark, write } from "./dom.js";
import { dayName, dollars, duration, fixed, marketDay, minuteTime, percent, price, signed } from "./format.js";
import { level, number, regimeWord, rows, settlesAt, whyAbsent } from "./levels.js";

/** id, label, level behind it */
const FIGURES = [
  ["spot", "Spot", "spot"],
  ["expires", "Expires", null],
  ["volatility", "ATM IV", "volatility"],
  ["move", "Expected move", "move_left"],
  ["gamma", "Net gamma", "net_gamma"],
  ["call-wall", "Call wall", "call_wall"],
  ["flip", "Gamma flip", "flip"],
  ["put-wall", "Put wall", "put_wall"],
];

export function mount(store) {
  const figures = build(byId("panel-figures"));
  const draw = () => drawAll(store, figures);
  for (const part of ["spot", "levels"]) store.subscribe(part, draw);
  let drawn = null;
  store.subscribe("chain", (chain) => {
    if (chain === drawn) return; // changes of its contracts change nothing here
    drawn = chain;
    draw();
  });
  setInterval(() => !document.hidden && drawExpiry(store, figures.get("expires")), 1_000);
}

function build(section) {
  const figures = new Map();
  const list = make("dl", { class: "day-figures" });
  for (const [id, label, name] of FIGURES) {
    const main = make(name ? "button" : "span", name ? { type: "button", "data-explain": name } : {});
    const note = make("span", { class: "day-figure-note" });
    list.append(make("div", { class: "day-figure", "data-figure": id }, make("dt", {}, label), make("dd", { class: "day-figure-main" }, main), make("dd", {}, note)));
    figures.set(id, { main, note, name });
  }
  section.append(list);
  return figures;
}

function drawAll(store, figures) {
  const [levels, spot] = [store.get("levels"), store.get("spot")?.latest?.spot ?? store.get("chain")?.spot];
  const put = (id, text, note = "", way = "") => {
    const figure = figures.get(id);
    write(figure.main, text || "–");
    write(figure.note, text || !figure.name ? note : whyAbsent(levels, figure.name).replaceAll("-", " "));
    mark(figure.note, "data-way", way || null);
  };
  drawSpot(store, put, spot);
  drawExpiry(store, figures.get("expires"));
  put("volatility", percent(number(levels, "volatility")), realised(levels));
  put("move", plusMinus(number(levels, "move_left")), opened(levels));
  put("gamma", dollars(number(levels, "net_gamma"), { sign: true }), regimeNote(levels));
  put("call-wall", price(number(levels, "call_wall", "strike")), away(number(levels, "call_wall", "strike"), spot));
  put("flip", price(number(levels, "flip"), 1), away(number(levels, "flip"), spot) + ofSeveral(levels));
  put("put-wall", price(number(levels, "put_wall", "strike")), away(number(levels, "put_wall", "strike"), spot));
}

function drawSpot(store, put, spot) {
  const change = changeOf(store.get("spot"));
  const note = change ? `${arrow(change.points)} ${signed(change.points)} (${signed(change.share * 100)}\u00a0%) since ${change.since}` : "";
  put("spot", fixed(spot), note, direction(change?.points));
}

function drawExpiry(store, figure) {
  const expiration = store.get("chain")?.expiration;
  const settles = settlesAt(store.get("levels"));
  const isToday = expiration && expiration === marketDay(nowMs());
  write(figure.main, dayName(expiration) || "–");
  const left = settles === undefined ? "" : settles > nowMs() ? `${duration(settles - nowMs())} to ${minuteTime(settles)} ET` : "settled";
  write(figure.note, [isToday ? "0DTE" : "", left].filter(Boolean).join(" · "));
}

const plusMinus = (points) => (points === undefined ? "" : `±${fixed(points, points < 10 ? 2 : 1)}`);

/** Options count a year's every hour, what was realised those of its sessions: only the ratio compares them. */
function realised(levels) {
  const [seen, ratio] = [number(levels, "realised", "volatility"), number(levels, "realised", "ratio")];
  if (seen === undefined) return "front expiration";
  return ratio === undefined ? `realised ${percent(seen)}` : `realised ${fixed(ratio)} of priced`;
}

function opened(levels) {
  const open = number(levels, "move_open") ?? number(levels, "move_open", "points");
  if (open === undefined) return "points, to settlement";
  const { since_open: sinceOpen, as_of: since } = level(levels, "move_open");
  return `now; ±${fixed(open, open < 10 ? 2 : 1)} ${sinceOpen === false ? `at ${minuteTime(since)}` : "at the open"}`;
}

function regimeNote(levels) {
  const word = regimeWord(levels);
  return word ? `${word} · per 1 % move` : "per 1 % move";
}

/** A curve may cross zero more than once: then what lies beyond the nearest crossing is not all of one sign. */
function ofSeveral(levels) {
  const crossings = rows(levels, "crossings").length;
  return crossings > 1 ? `, nearest of ${crossings}` : "";
}

function away(level, spot) {
  if (level === undefined || spot === undefined) return "";
  const points = level - spot;
  return `${fixed(Math.abs(points), 1)} ${points >= 0 ? "above spot" : "below spot"}`;
}
