/**
 * The page's one state. Data sets a part, panels subscribe to it and draw.
 *
 * Parts, all about the symbol that is shown unless said otherwise; null until first heard:
 *   symbol       "SPX"
 *   symbols      ["SPX", "SPY", …]
 *   chain        HeldChain (chain.js): {symbol, expiration, epoch, seq, source, delayed, contracts: Map ticker → contract}
 *   spot         {symbol, latest: {ts, spot, …}, ticks: [{ts, spot, seq}, …]}, oldest first
 *   spots        the same by symbol, of all symbols
 *   levels       the document of GET /api/v1/levels
 *   events       Vigil's events of all symbols, oldest first, each id once
 *   messages     Vexy's messages of all symbols, oldest first, each id once
 *   annotations  [annotation, …]
 *   status       the document of GET /api/v1/status
 *   feed         {connection: "connecting"|"open"|"lost", since_ms, heard_ms, entries: Map symbol → ms}; page's own clock
 *   settings     {detail, preset, theme, paused, strike}
 *
 * A subscriber is called in an animation frame, at most once a frame however often its part was set; not while the tab is hidden,
 * nor, for what is data and has been drawn before, while the view is paused. Actions are named wishes from one panel to another: store.act("show-strike", 6800).
 */

const ALWAYS = new Set(["settings", "feed", "status", "symbols"]);

/** @typedef {(value: any) => void} Draw */

export class Store {
  constructor(parts = {}) {
    this.parts = parts;
    /** @type {Map<string, Set<Draw>>} */
    this.draws = new Map();
    /** @type {Map<string, Set<Draw>>} */
    this.wishes = new Map();
    this.dirty = new Set();
    this.drawn = new Set();
    this.asked = false;
  }

  get(part) {
    return this.parts[part] ?? null;
  }

  set(part, value) {
    this.parts[part] = value;
    this.dirty.add(part);
    this.ask();
  }

  /** Changes some members of a part that is an object. */
  patch(part, members) {
    this.set(part, { ...this.parts[part], ...members });
  }

  /** Calls `draw` with the part's value in the next frame, and after each change; gives what ends it. */
  subscribe(part, draw) {
    const among = this.draws.get(part) ?? new Set();
    this.draws.set(part, among.add(draw));
    this.dirty.add(part);
    this.ask();
    return () => among.delete(draw);
  }

  act(name, value) {
    for (const fulfil of this.wishes.get(name) ?? []) fulfil(value);
  }

  on(name, fulfil) {
    const among = this.wishes.get(name) ?? new Set();
    this.wishes.set(name, among.add(fulfil));
    return () => among.delete(fulfil);
  }

  ask() {
    if (this.asked) return;
    this.asked = true;
    requestAnimationFrame(() => this.draw());
  }

  draw() {
    this.asked = false;
    const paused = this.parts.settings?.paused;
    const due = [...this.dirty].filter((part) => !paused || ALWAYS.has(part) || !this.drawn.has(part));
    for (const part of due) this.dirty.delete(part);
    for (const part of due) {
      if (this.get(part) !== null) this.drawn.add(part);
      for (const draw of this.draws.get(part) ?? []) guarded(draw, this.get(part));
    }
  }
}

/** One panel that fails does not take the others with it; the console says so. */
function guarded(draw, value) {
  try {
    draw(value);
  } catch (problem) {
    console.error(problem);
  }
}
