/** The feed's health, symbol by symbol, in words as well as colour. */

import { nowMs } from "./clock.js";
import { byId, make, mark, write } from "./dom.js";
import { figure } from "./figure.js";
import { count, duration, fixed, isNumber } from "./format.js";
import { verdict } from "./trust.js";

/** id, head, and beneath it what the number is */
const COLUMNS = [
  ["state", "State", ""],
  ["age", "Changed", "ago"],
  ["spot", "Spot", "tick ago"],
  ["rate", "Changes", "a second"],
  ["lag", "Lag, ms", "p50 / p99"],
  ["gaps", "Gaps", ""],
  ["reconnects", "Re-", "connects"],
];

export function mount(store) {
  const section = byId("panel-health");
  const next = make("span", { class: "muted" });
  const body = make("tbody");
  const head = make("tr", {}, make("th", { scope: "col" }, make("span", { class: "sr" }, "Symbol")), ...COLUMNS.map(titleOf));
  section.append(
    make("div", { class: "panel-head" }, make("h2", { id: "health-title" }, "Feed health"), next),
    make("table", { class: "plain" }, make("caption", { class: "sr" }, "Feed health by symbol"), make("thead", {}, head), body),
  );
  const rows = new Map();
  setInterval(() => !document.hidden && draw(store, rows, body, next), 500);
}

const titleOf = ([id, text, what]) => make("th", { scope: "col", "data-column": id }, figure(`health:${id}`, text), make("span", { class: "what" }, what));

function draw(store, rows, body, next) {
  const status = store.get("status");
  for (const symbol of store.get("symbols") ?? []) {
    if (!rows.has(symbol)) rows.set(symbol, addRow(symbol, body));
    const told = { ...status?.symbols?.[symbol], tick_ms: store.get("spots")?.[symbol]?.latest?.ts };
    drawRow(rows.get(symbol), verdict(store, symbol), told, store.get("feed").entries.get(symbol));
  }
  const left = status?.next_heartbeat_ms - nowMs();
  write(next, isNumber(left) ? `next heartbeat in ${Math.max(0, left / 1000).toFixed(0)} s` : "");
}

function addRow(symbol, body) {
  const cells = Object.fromEntries(COLUMNS.map(([id]) => [id, make("td", { "data-column": id, "data-explain": `health:${id}:${symbol}` })]));
  body.append(make("tr", {}, make("th", { scope: "row" }, symbol), ...Object.values(cells)));
  return cells;
}

function drawRow(cells, state, told, heard) {
  write(cells.state, state.word === "LIVE" ? "Live" : state.word[0] + state.word.slice(1).toLowerCase());
  mark(cells.state, "data-tone", state.tone);
  write(cells.age, heard === undefined ? "–" : duration(performance.now() - heard));
  write(cells.spot, isNumber(told.tick_ms) ? duration(nowMs() - told.tick_ms) : "–");
  write(cells.rate, isNumber(told.updates_per_s) ? fixed(told.updates_per_s, 0) : "–");
  write(cells.lag, told.lag_ms ? `${count(told.lag_ms.p50)} / ${count(told.lag_ms.p99)}` : "–");
  write(cells.gaps, isNumber(told.gaps) ? count(told.gaps) : "–");
  mark(cells.gaps, "data-tone", told.gaps > 0 ? "warn" : null);
  write(cells.reconnects, isNumber(told.reconnects) ? count(told.reconnects) : "–");
}
