/** The gateway's status, once a second while somebody looks. */

import { getJson } from "./api.js";

const EVERY_MS = 1_000;

export class Status {
  constructor(store, onStatus) {
    this.store = store;
    this.onStatus = onStatus;
  }

  /** Asks until the first answer, then goes on by itself. */
  async start() {
    const first = await this.read();
    setInterval(() => this.look(), EVERY_MS);
    document.addEventListener("visibilitychange", () => this.look());
    return first;
  }

  look() {
    if (!document.hidden && !this.asking) this.read();
  }

  async read() {
    this.asking = true;
    try {
      const told = await getJson("status");
      this.keep(told);
      return told;
    } catch {
      return null;
    } finally {
      this.asking = false;
    }
  }

  keep(told) {
    const symbols = Object.keys(told.symbols ?? {});
    if (symbols.join() !== (this.store.get("symbols") ?? []).join()) this.store.set("symbols", symbols);
    this.store.set("status", { ...told, heard_ms: performance.now() });
    this.onStatus(told);
  }
}
