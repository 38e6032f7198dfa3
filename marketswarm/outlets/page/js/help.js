/** Keys, and what the words on the page mean. */

import { byId, make } from "./dom.js";
import { KEYS } from "./keys.js";

const WORDS = [
  ["Gamma exposure", "how many dollars of delta the model's dealers must trade when spot moves by 1 %: calls plus, puts minus"],
  ["Gamma flip", "the price at which that exposure changes its sign"],
  ["Call wall, put wall", "the strike above spot with the most positive exposure, and the one below with the most negative"],
  ["Expected move", "what the straddle at the money says spot may move until settlement, up or down"],
  ["ATM IV", "implied volatility at the forward, a year"],
  ["Shaded prices", "in the money"],
  ["Vexy", "who says in words what happens, at the level of detail that you choose"],
  ["Vigil", "who watches every tick and tells an event when something has changed, with its evidence"],
  ["Gamma regime", "positive: hedging damps moves, negative: it feeds them, neutral: neither; by the model"],
  ["Cluster", "strikes beside each other where gamma gathers"],
  ["Key strike", "a strike where something stands: a wall, the heaviest gamma, a peak of calls or puts, max pain"],
  ["Max pain", "the strike at which all holders together are paid least"],
  ["Heaviest (key, heavy)", "the strike with most gamma, calls and puts added"],
  ["CW, PW", "call wall and put wall, where there is little room"],
  ["Skew", "how much volatility rises or falls over one sigma of strikes, in volatility points"],
  ["25Δ", "volatility of the call of 25 delta less that of the put of 25 delta, in volatility points"],
  ["Lag", "from the provider's frame to our store, ms: half are quicker than p50, and 99 of 100 quicker than p99"],
  ["Reconnects", "how often the connection to the provider was made again"],
  ["Heartbeat", "spot of all symbols, every ten seconds on the clock's mark"],
  ["Stale, gap", "nothing was heard for too long; updates were lost and are being fetched again"],
];

export function mount(store) {
  const dialog = byId("help-dialog");
  dialog.append(
    make("h2", { id: "help-title" }, "Keys and words"),
    list("keys", KEYS.map(([key, text]) => [make("kbd", {}, key), text])),
    list("words", WORDS),
    make("p", { class: "muted" }, "Exposures are those of a model; nobody outside sees who holds what. Click a figure for its method and age."),
    make("form", { method: "dialog" }, make("button", {}, "Close")),
  );
  const open = () => dialog.showModal();
  byId("help").addEventListener("click", open);
  store.on("help", open);
}

const list = (name, pairs) => make("dl", { class: name }, ...pairs.flatMap(([term, text]) => [make("dt", {}, term), make("dd", {}, text)]));
