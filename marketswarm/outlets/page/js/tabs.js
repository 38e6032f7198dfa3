/** The symbols: spot, change and state of each. */

import { arrow, changeOf, direction } from "./change.js";
import { byId, make, mark, write } from "./dom.js";
import { fixed, percent } from "./format.js";
import { verdict } from "./trust.js";

export function mount(store) {
  const nav = byId("tabs");
  const tabs = new Map();
  store.subscribe("symbols", (symbols) => build(store, nav, tabs, symbols ?? []));
  store.subscribe("symbol", () => drawAll(store, tabs));
  store.subscribe("spots", () => drawAll(store, tabs));
  store.subscribe("status", () => drawAll(store, tabs));
}

function build(store, nav, tabs, symbols) {
  tabs.clear();
  nav.replaceChildren();
  symbols.forEach((symbol, at) => {
    const tab = {
      state: make("span", { class: "tab-state" }),
      spot: make("span", { class: "tab-spot" }),
      change: make("span", { class: "tab-change" }),
    };
    tab.button = make("button", { type: "button", class: "tab", title: `Key ${at + 1}` },
      make("span", { class: "tab-name" }, symbol), tab.state, tab.spot, tab.change);
    tab.button.addEventListener("click", () => store.act("show-symbol", symbol));
    tabs.set(symbol, tab);
    nav.append(tab.button);
  });
  drawAll(store, tabs);
}

function drawAll(store, tabs) {
  for (const [symbol, tab] of tabs) draw(store, symbol, tab);
}

function draw(store, symbol, tab) {
  const held = store.get("spots")?.[symbol];
  const spot = held?.latest?.spot ?? store.get("status")?.symbols?.[symbol]?.spot;
  const change = changeOf(held);
  const state = verdict(store, symbol);
  mark(tab.button, "aria-current", symbol === store.get("symbol") ? "true" : null);
  write(tab.spot, fixed(spot));
  write(tab.change, change ? `${arrow(change.points)} ${percent(Math.abs(change.share), 2)}` : "");
  mark(tab.change, "data-way", direction(change?.points));
  write(tab.state, state.word === "LIVE" ? "live" : state.word.toLowerCase());
  mark(tab.state, "data-tone", state.tone);
}
