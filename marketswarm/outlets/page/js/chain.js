/** A chain as it is held: read whole once, then followed entry by entry. */

/** JSON Merge Patch in place, without the null rule: the feed leaves out what is unknown and never removes a member. */
export function merge(into, patch) {
  for (const name in patch) {
    const value = patch[name];
    const isSection = value !== null && typeof value === "object" && !Array.isArray(value);
    if (value === null) delete into[name];
    else if (isSection && typeof into[name] === "object" && into[name] !== null) merge(into[name], value);
    else into[name] = value;
  }
}

export class HeldChain {
  /** @param document the answer of GET /api/v1/chain/{symbol} */
  constructor(document) {
    this.symbol = document.symbol;
    this.expiration = document.expiration;
    this.epoch = document.epoch;
    this.seq = document.seq;
    this.source = document.source;
    this.delayed = Boolean(document.delayed);
    this.spot = document.spot;
    this.applied_ms = document.applied_ms;
    this.loaded_ms = document.loaded_ms;
    this.contracts = new Map(Object.entries(document.contracts));
    /** Tickers that changed since the ladder last took them. */
    this.changed = new Set();
    /** Grows when contracts come or go. */
    this.shape = 0;
  }

  /**
   * Takes one entry of the feed.
   * @returns {"applied"|"known"|"other"|"gap"} `gap`: entries are missing, and the chain must be read again
   */
  apply(entry) {
    if (entry.expiration !== this.expiration) return "other";
    if (entry.seq <= this.seq) return "known";
    if (entry.prev_seq !== this.seq) return "gap";
    for (const ticker in entry.updates) this.change(ticker, entry.updates[ticker]);
    for (const ticker of entry.removed ?? []) if (this.contracts.delete(ticker)) this.shape += 1;
    this.seq = entry.seq;
    this.epoch = entry.epoch;
    this.applied_ms = entry.ts;
    return "applied";
  }

  change(ticker, patch) {
    const held = this.contracts.get(ticker);
    if (held) {
      merge(held, patch);
    } else {
      this.contracts.set(ticker, patch);
      this.shape += 1;
    }
    this.changed.add(ticker);
  }

  takeChanged() {
    const taken = this.changed;
    this.changed = new Set();
    return taken;
  }
}
