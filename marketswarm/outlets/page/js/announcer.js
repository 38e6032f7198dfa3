/** Tells a screen reader the newest of many: politely, at most once in a while, and not what stood there when the page opened. */

import { make } from "./dom.js";

const EVERY_MS = 8_000;

export class Announcer {
  /** @param {string} who says it */
  constructor(who) {
    this.who = who;
    this.element = make("p", { class: "sr", role: "status" });
    this.said = null;
    this.waiting = 0;
  }

  /** Says it when it is new; while one waits to be said, the newer takes its place. */
  say(id, text) {
    if (this.said === null || this.said === id) {
      this.said = id;
      return;
    }
    this.said = id;
    this.text = `${this.who}: ${text}`;
    this.waiting ||= setTimeout(() => {
      this.waiting = 0;
      this.element.textContent = this.text;
    }, this.element.textContent ? EVERY_MS : 0);
  }
}
