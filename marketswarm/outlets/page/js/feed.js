/**
 * The data's way into the store. A chain is read with the cursor of that moment, and the stream goes on exactly from there; events
 * and messages are read after it, so that none can fall between. One stream serves all symbols: a symbol once shown is followed on.
 */

import { getJson, pause, Refused, untilAnswered } from "./api.js";
import { HeldChain } from "./chain.js";
import { learn, nowMs } from "./clock.js";
import { Held } from "./held.js";
import { Stream } from "./stream.js";
import { Told } from "./told.js";

const SPOT_MINUTES = 480;
const PATIENCE_MS = 2_500;
const LEVEL_WAITS_MS = [250, 400, 700, 1_200, 2_500, 4_000];

export class Feed {
  constructor(store) {
    this.store = store;
    /** @type {Map<string, Held>} */
    this.held = new Map();
    this.events = new Told(store, "events");
    this.messages = new Told(store, "messages");
    this.entries = new Map();
    this.stream = new Stream({
      onEntry: (name, entry) => this.take(name, entry),
      onReset: () => this.readAll(),
      onConnection: (connection, reason) => this.connection(connection, reason),
      onHeartbeat: (ts) => learn(ts),
    });
    store.set("feed", { connection: "connecting", reason: "", since_ms: nowMs(), entries: this.entries });
  }

  /** Reads the first symbol, opens the stream from its cursor, and reads the rest behind it. A chain that is not there yet holds
   *  nothing up: the stream then begins now, and the chain is joined to it when it comes. */
  async start(symbol) {
    const document = await Promise.race([this.show(symbol), pause(PATIENCE_MS)]);
    this.stream.open(document?.cursor ?? "");
    this.readTold();
    await this.readSymbols();
  }

  /** Makes a symbol the one that is shown. */
  async show(symbol) {
    const held = this.of(symbol);
    this.store.set("symbol", symbol);
    this.publish(held);
    const document = held.chain || held.loading ? null : await this.readChain(held);
    if (!held.levels || held.hasNewTick) this.readLevels(held);
    this.readAnnotations(held);
    return document;
  }

  of(symbol) {
    if (!this.held.has(symbol)) this.held.set(symbol, new Held(symbol));
    return this.held.get(symbol);
  }

  isShown(held) {
    return this.store.get("symbol") === held.symbol;
  }

  publish(held) {
    for (const part of ["chain", "spot", "levels", "annotations"]) this.store.set(part, held[part]);
  }

  put(held, part) {
    if (this.isShown(held)) this.store.set(part, held[part]);
  }

  async readChain(held) {
    held.loading = true;
    held.waiting = [];
    try {
      const document = await untilAnswered(() => getJson(`chain/${held.symbol}`));
      const isWhole = held.hold(new HeldChain(document));
      held.loading = false;
      this.put(held, "chain");
      this.store.act("chain-read", held.symbol);
      if (!isWhole) await this.readChain(held);
      return document;
    } catch (problem) {
      if (!(problem instanceof Refused)) throw problem;
      for (const wish of ["say", "toast"]) this.store.act(wish, `${held.symbol}: ${problem.message}`);
      return null;
    } finally {
      held.loading = false;
    }
  }

  /** What is held may have gaps: all of it is read anew. */
  readAll() {
    for (const held of this.held.values()) {
      if (held.chain && !held.loading) this.readChain(held);
      this.readSpot(held);
    }
    this.readTold();
    const shown = this.of(this.store.get("symbol"));
    this.readLevels(shown);
    this.readAnnotations(shown);
  }

  async readSymbols() {
    await this.readSpot(this.of(this.store.get("symbol")));
    for (const symbol of this.store.get("symbols") ?? []) {
      const held = this.of(symbol);
      if (!held.isSpotRead) await this.readSpot(held);
    }
  }

  async readSpot(held) {
    held.isSpotRead = true;
    const document = await this.attempt(`spot/${held.symbol}`, { minutes: SPOT_MINUTES });
    held.isSpotRead = Boolean(document);
    if (!document) return;
    const newest = held.spot.latest?.ts > document.latest?.ts ? null : document.latest;
    held.addTicks(document.ticks, newest);
    this.putSpot(held);
  }

  putSpot(held) {
    this.put(held, "spot");
    this.store.patch("spots", { [held.symbol]: held.spot });
  }

  async readTold() {
    const [events, messages] = await Promise.all([
      this.attempt("events", { limit: 200 }),
      this.attempt("messages", { limit: 100 }),
    ]);
    this.events.add(events?.events ?? []);
    this.messages.add(messages?.messages ?? []);
    if (!this.store.get("events")) this.store.set("events", []);
    if (!this.store.get("messages")) this.store.set("messages", []);
  }

  async readLevels(held) {
    const document = await this.attempt(`levels/${held.symbol}`);
    if (!document) return;
    held.levels = document;
    held.hasNewTick = false;
    this.put(held, "levels");
  }

  /** Vigil judges a tick shortly after it: the levels are read until they are of that tick. */
  async followLevels(held, ts) {
    held.wanted = ts;
    for (const wait of LEVEL_WAITS_MS) {
      await pause(wait);
      if (held.wanted !== ts || !this.isShown(held)) return;
      await this.readLevels(held);
      if (held.levels?.as_of >= ts) return;
    }
  }

  async readAnnotations(held) {
    const document = await this.attempt(`widgets/${held.symbol}`);
    if (!document) return;
    held.annotations = document.annotations;
    this.put(held, "annotations");
  }

  /** One try; what is missing comes with the next tick or reset. */
  async attempt(path, query) {
    try {
      return await getJson(path, query);
    } catch {
      return null;
    }
  }

  take(name, entry) {
    if (name === "sse:chain-feed") this.takeChanges(entry);
    else if (name === "sse:timeseries") this.takeTick(entry);
    else if (name === "sse:chain-full") this.takeWhole(entry);
    else if (name === "vigil:events") this.events.add([entry]);
    else this.takeMessage(entry);
  }

  takeChanges(entry) {
    this.entries.set(entry.symbol, performance.now());
    const held = this.held.get(entry.symbol);
    if (!held) return;
    if (held.loading) {
      if (!held.wait(entry)) held.waiting = [];
      return;
    }
    const outcome = held.chain?.apply(entry);
    if (outcome === "gap") this.readChain(held);
    else if (outcome === "applied") this.put(held, "chain");
  }

  takeTick(tick) {
    const held = this.of(tick.symbol);
    held.tick(tick);
    this.putSpot(held);
    if (!held.isSpotRead) this.readSpot(held); // one tick knows nothing of how far spot has come
    if (this.isShown(held)) this.followLevels(held, tick.ts);
    else held.hasNewTick = true;
  }

  /** A load goes through the feed, too; only another expiration is not seen there. */
  takeWhole(entry) {
    const held = this.held.get(entry.symbol);
    if (entry.reason === "roll" && held?.chain && !held.loading) this.readChain(held);
  }

  takeMessage(message) {
    this.messages.add([message]);
    const shown = this.of(this.store.get("symbol"));
    if (message.annotations?.length && message.symbols?.includes(shown.symbol)) this.readAnnotations(shown);
  }

  /** The expiration in force by the status; a roll that was missed is seen here. */
  inForce(symbols) {
    for (const [symbol, told] of Object.entries(symbols)) {
      const held = this.held.get(symbol);
      const isOther = told.expiration && held?.chain && held.chain.expiration !== told.expiration;
      if (isOther && !held.loading) this.readChain(held);
    }
  }

  connection(connection, reason) {
    const since_ms = nowMs();
    const before = this.store.get("feed");
    this.store.patch("feed", { connection, reason, since_ms: before.connection === connection ? before.since_ms : since_ms });
  }
}
