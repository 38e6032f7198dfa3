/** Starts the page: what the address asks for, then the chain, then the stream, then all the rest. */

import * as actions from "./actions.js";
import { readAddress, writeAddress } from "./address.js";
import { Feed } from "./feed.js";
import * as figures from "./figures.js";
import * as health from "./health.js";
import * as help from "./help.js";
import * as keys from "./keys.js";
import { Ladder } from "./ladder.js";
import { Status } from "./status.js";
import { Store } from "./store.js";
import * as structure from "./structure.js";
import * as tabs from "./tabs.js";
import * as trust from "./trust.js";
import { untilAnswered } from "./api.js";

const asked = readAddress();
const store = new Store({
  settings: {
    preset: asked.preset ?? "prices",
    detail: asked.detail ?? localStorage.getItem("detail") ?? "initiated",
    theme: localStorage.getItem("theme") ?? "auto",
    paused: false,
    strike: asked.strike,
  },
  spots: {},
});

const feed = new Feed(store);
const status = new Status(store, (told) => feed.inForce(told.symbols ?? {}));

for (const part of [tabs, figures, structure, trust, health, actions, help, keys]) part.mount(store);
const ladder = new Ladder(store);
ladder.mount();
import("./panels.js").then(({ mountPanels }) => mountPanels(store)); // the ladder does not wait for them

store.on("show-symbol", (symbol) => {
  if (symbol === store.get("symbol")) return;
  store.patch("settings", { strike: null, paused: false });
  feed.show(symbol);
});
store.subscribe("symbol", () => remember());
store.subscribe("settings", () => remember());

function remember() {
  const symbol = store.get("symbol");
  if (!symbol) return;
  writeAddress({ symbol, ...store.get("settings") });
  localStorage.setItem("symbol", symbol);
}

/** The symbol of the address, or the one looked at last; what no chain is held of gives way to the first one that there is. */
async function start() {
  const told = firstStatus();
  const wanted = asked.symbol ?? localStorage.getItem("symbol");
  if (wanted) told.then(({ symbols }) => wanted in symbols || store.act("show-symbol", Object.keys(symbols)[0]));
  await feed.start(wanted ?? Object.keys((await told).symbols)[0]);
}

async function firstStatus() {
  return (await status.start()) ?? untilAnswered(async () => (await status.read()) ?? Promise.reject(new Error("no status")));
}

globalThis.marketswarm = { store, feed, ladder };
start();
