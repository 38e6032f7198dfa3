/** Walls and flip whose strikes are out of sight: named at the edge of the ladder behind which they lie. A click goes there. */

import { make } from "./dom.js";
import { price } from "./format.js";
import { number } from "./levels.js";

export class Edges {
  /** @param {(strike: number) => void} go */
  constructor(go) {
    this.go = go;
    this.above = make("td", { role: "cell", class: "strike edge" });
    this.below = make("div", { class: "edge below" });
  }

  /** @param {number[]} strikes in sight, high ones first */
  draw(strikes, levels) {
    const [high, low] = [strikes.at(0), strikes.at(-1)];
    const slack = strikes.length > 1 ? (high - low) / (strikes.length - 1) / 2 : 0; // a level between two strikes stands at the nearer one
    const hidden = strikes.length ? namesOf(levels) : [];
    this.fill(this.above, "▲", "above", hidden.filter(({ at }) => at > high + slack).sort((one, other) => one.at - other.at));
    this.fill(this.below, "▼", "below", hidden.filter(({ at }) => at < low - slack).sort((one, other) => other.at - one.at));
  }

  fill(holder, arrow, word, levels) {
    const key = levels.map(({ name, at }) => `${name} ${at}`).join();
    if (holder.dataset.shown === key) return;
    holder.dataset.shown = key;
    holder.replaceChildren(...levels.map((level) => this.button(level, arrow, word)));
  }

  button({ name, kind, at }, arrow, word) {
    const text = `${name} ${price(at)}`;
    const button = make("button", { type: "button", class: "tag", "data-kind": kind, title: `${text} lies ${word} what is shown: go there` }, `${arrow} ${text}`);
    button.addEventListener("click", () => this.go(at));
    return button;
  }
}

function namesOf(levels) {
  return [
    { name: "call wall", kind: "call-wall", at: number(levels, "call_wall", "strike") },
    { name: "put wall", kind: "put-wall", at: number(levels, "put_wall", "strike") },
    { name: "flip", kind: "flip", at: number(levels, "flip") },
  ].filter(({ at }) => at !== undefined);
}
