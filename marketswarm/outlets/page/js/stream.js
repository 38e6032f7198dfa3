/**
 * The one event stream of the page, over all symbols. The browser resumes by itself after a short loss; a watchdog opens it
 * anew when nothing was heard for longer than two heartbeats, which an EventSource does not notice by itself.
 */

export const STREAMS = ["sse:timeseries", "sse:chain-feed", "sse:chain-full", "vigil:events", "vexy:messages"];
const SILENCE_MS = 6_000;
const LOOK_MS = 500;

export class Stream {
  /**
   * @param {(stream: string, entry: any) => void} onEntry
   * @param {(reason: any) => void} onReset what is held must be fetched again
   * @param {(connection: "connecting"|"open"|"lost", reason: string) => void} onConnection
   * @param {(ts: number) => void} onHeartbeat
   */
  constructor({ onEntry, onReset, onConnection, onHeartbeat }) {
    Object.assign(this, { onEntry, onReset, onConnection, onHeartbeat });
    this.cursor = "";
    this.heard_ms = 0;
    this.connection = "connecting";
    this.retry = 0;
  }

  open(cursor) {
    this.cursor = cursor;
    this.connect();
    this.watch = setInterval(() => this.look(), LOOK_MS);
  }

  connect() {
    clearTimeout(this.retry);
    this.retry = 0;
    this.source?.close();
    const query = new URLSearchParams({ streams: STREAMS.join(",") });
    if (this.cursor) query.set("since", this.cursor);
    this.source = new EventSource(`/sse?${query}`);
    this.heard_ms = performance.now();
    this.listen(this.source);
  }

  listen(source) {
    source.onopen = () => this.heard("open");
    source.onerror = () => this.failed(source);
    for (const name of STREAMS) source.addEventListener(name, (event) => this.take(name, event));
    source.addEventListener("heartbeat", (event) => {
      this.heard("open");
      this.onHeartbeat(JSON.parse(event.data).ts);
    });
    source.addEventListener("reset", (event) => {
      this.heard("open");
      this.onReset(JSON.parse(event.data));
    });
    source.addEventListener("bye", (event) => this.say("lost", JSON.parse(event.data).reason));
  }

  take(name, event) {
    this.heard("open");
    if (event.lastEventId) this.cursor = event.lastEventId;
    this.onEntry(name, JSON.parse(event.data));
  }

  heard(connection) {
    this.heard_ms = performance.now();
    if (this.connection !== connection) this.say(connection, "");
  }

  failed(source) {
    if (source !== this.source) return;
    this.say("lost", "the gateway does not answer");
    if (source.readyState === EventSource.CLOSED) this.again();
  }

  /** An answer that is no stream ends an EventSource for good; the page tries again, spread so that not all come at once. */
  again() {
    if (!this.retry) this.retry = setTimeout(() => this.connect(), 800 + Math.random() * 1_200);
  }

  look() {
    if (performance.now() - this.heard_ms < SILENCE_MS) return;
    this.say("lost", "nothing is heard from the gateway");
    this.connect();
  }

  say(connection, reason) {
    this.connection = connection;
    this.onConnection(connection, reason);
  }
}
