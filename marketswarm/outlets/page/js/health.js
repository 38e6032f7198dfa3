/** The feed's health, symbol by symbol, in words as well as colour. */

import { nowMs } from "./clock.js";
import { byId, make, mark, write } from "./dom.js";
import { count, duration, fixed, isNumber } from "./format.js";
import { verdict } from "./trust.js";

const COLUMNS = [
  ["state", "State", "How the chain stands"],
  ["age", "Changed", "Since the last change of the chain arrived here"],
  ["spot", "Spot", "Age of spot"],
  ["rate", "Per s", "Changes a second"],
  ["lag", "Lag ms", "From the provider's frame to the store: half are quicker, and 99 of 100"],
  ["gaps", "Gaps", "How often updates were lost"],
  ["reconnects", "Recon.", "How often the upstream connection was made again"],
];

export function mount(store) {
  const section = byId("panel-health");
  const next = make("span", { class: "muted" });
  const body = make("tbody");
  const head = make("tr", {}, make("th", { scope: "col" }, "Symbol"), ...COLUMNS.map(([id, text, title]) => make("th", { scope: "col", "data-column": id, title }, text)));
  section.append(
    make("div", { class: "panel-head" }, make("h2", { id: "health-title" }, "Feed health"), next),
    make("table", { class: "plain" }, make("caption", { class: "sr" }, "Feed health by symbol"), make("thead", {}, head), body),
  );
  const rows = new Map();
  setInterval(() => !document.hidden && draw(store, rows, body, next), 500);
}

function draw(store, rows, body, next) {
  const status = store.get("status");
  for (const symbol of store.get("symbols") ?? []) {
    if (!rows.has(symbol)) rows.set(symbol, addRow(symbol, body));
    drawRow(rows.get(symbol), verdict(store, symbol), status?.symbols?.[symbol] ?? {}, store.get("feed").entries.get(symbol));
  }
  const left = status?.next_heartbeat_ms - nowMs();
  write(next, isNumber(left) ? `next heartbeat in ${Math.max(0, left / 1000).toFixed(0)} s` : "");
}

function addRow(symbol, body) {
  const cells = Object.fromEntries(COLUMNS.map(([id]) => [id, make("td", { "data-column": id })]));
  body.append(make("tr", {}, make("th", { scope: "row" }, symbol), ...Object.values(cells)));
  return cells;
}

function drawRow(cells, state, told, heard) {
  write(cells.state, state.word === "LIVE" ? "Live" : state.word[0] + state.word.slice(1).toLowerCase());
  mark(cells.state, "data-tone", state.tone);
  mark(cells.state, "title", state.sentence);
  write(cells.age, heard === undefined ? "–" : duration(performance.now() - heard));
  write(cells.spot, isNumber(told.spot_age_ms) ? duration(told.spot_age_ms) : "–");
  write(cells.rate, isNumber(told.updates_per_s) ? fixed(told.updates_per_s, 0) : "–");
  write(cells.lag, told.lag_ms ? `${count(told.lag_ms.p50)} / ${count(told.lag_ms.p99)}` : "–");
  write(cells.gaps, isNumber(told.gaps) ? count(told.gaps) : "–");
  mark(cells.gaps, "data-tone", told.gaps > 0 ? "warn" : null);
  write(cells.reconnects, isNumber(told.reconnects) ? count(told.reconnects) : "–");
}
