/** Events and messages: what was fetched and what was streamed, each id once, oldest first. */

const MOST = 500;

export class Told {
  constructor(store, part) {
    this.store = store;
    this.part = part;
    this.known = new Map();
  }

  add(entries) {
    const before = this.known.size;
    for (const entry of entries) if (!this.known.has(entry.id)) this.known.set(entry.id, entry);
    if (this.known.size === before) return;
    const all = [...this.known.values()].sort((one, other) => one.ts - other.ts);
    if (all.length > MOST) this.forget(all.splice(0, all.length - MOST));
    this.store.set(this.part, all);
  }

  forget(old) {
    for (const entry of old) this.known.delete(entry.id);
  }
}
