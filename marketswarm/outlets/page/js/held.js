/** What is held of one symbol, whether it is shown or not. */

const MOST_TICKS = 4_000;
const MOST_WAITING = 4_000;

export class Held {
  constructor(symbol) {
    this.symbol = symbol;
    /** @type {import("./chain.js").HeldChain|null} */
    this.chain = null;
    /** Entries that came while the chain was being read. */
    this.waiting = [];
    this.loading = false;
    this.spot = { symbol, latest: null, ticks: [] };
    /** Whether what came before the page was opened is in it. */
    this.isSpotRead = false;
    this.levels = null;
    /** Whether there was a tick since the levels were read. */
    this.hasNewTick = false;
    this.annotations = [];
  }

  /** Keeps an entry for later; false when there are more than can be kept, and reading again is cheaper. */
  wait(entry) {
    this.waiting.push(entry);
    return this.waiting.length <= MOST_WAITING;
  }

  /** Takes over a chain that was read, and what came meanwhile. False when an entry is missing between the two. */
  hold(chain) {
    const waiting = this.waiting;
    this.waiting = [];
    const missing = waiting.some((entry) => chain.apply(entry) === "gap");
    this.chain = chain;
    return !missing;
  }

  addTicks(ticks, latest) {
    const known = new Map(this.spot.ticks.map((tick) => [tick.ts, tick]));
    for (const tick of ticks) known.set(tick.ts, tick);
    const all = [...known.values()].sort((one, other) => one.ts - other.ts).slice(-MOST_TICKS);
    const newest = latest ?? this.spot.latest;
    this.spot = { symbol: this.symbol, latest: newest ?? all.at(-1) ?? null, ticks: all };
  }

  tick(tick) {
    const last = this.spot.ticks.at(-1);
    if (last && tick.ts <= last.ts) {
      this.addTicks([tick], null);
      return;
    }
    const ticks = [...this.spot.ticks, { ts: tick.ts, spot: tick.spot, seq: tick.seq }];
    this.spot = { symbol: this.symbol, latest: tick, ticks: ticks.slice(-MOST_TICKS) };
  }
}
