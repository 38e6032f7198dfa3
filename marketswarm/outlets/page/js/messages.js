/** What Vexy says, newest first, in the words for the reader's level of detail. A title leads to the price it speaks of. */

import { Announcer } from "./announcer.js";
import { nowMs } from "./clock.js";
import { make, write } from "./dom.js";
import { arrange } from "./events.js";
import { factText } from "./event_words.js";
import { button } from "./figure.js";
import { clockTime, price } from "./format.js";
import { KINDS, isCurrent, qualityText, standing, strikeIn, toneOf, wordsFor } from "./message_words.js";
import { AGES_MS, grow, when } from "./when.js";

const MOST = 30;
const MOST_EARLIER = 20;
const DETAILS = { beginner: "Beginner", initiated: "Initiated", professional: "Professional" };

/**
 * @param {HTMLElement} element
 * @param {object} store
 */
export function mount(element, store) {
  const panel = new Messages(store);
  element.classList.add("told");
  element.replaceChildren(panel.head, panel.list, panel.none, panel.earlier, panel.announcer.element);
  element.setAttribute("aria-labelledby", "messages-title");
  for (const part of ["messages", "symbol", "settings"]) store.subscribe(part, () => panel.draw());
  setInterval(() => document.hidden || store.get("settings")?.paused || panel.draw(), AGES_MS);
}

class Messages {
  constructor(store) {
    this.store = store;
    this.cards = new Map();
    this.announcer = new Announcer("Vexy");
    this.list = make("ol", { class: "told-list", tabindex: "0", "aria-label": "Messages, newest first" });
    this.past = make("ol", { class: "told-list" });
    this.none = make("p", { class: "told-none" }, "Vexy has nothing to say of this symbol now.");
    this.count = make("summary");
    this.earlier = make("details", { class: "told-earlier" }, this.count, this.past);
    this.head = this.#head();
  }

  #head() {
    this.choice = make("select", { "aria-label": "How much Vexy explains" },
      ...Object.entries(DETAILS).map(([detail, text]) => make("option", { value: detail }, text)));
    this.choice.addEventListener("change", () => this.store.patch("settings", { detail: this.choice.value }));
    const title = make("h2", { id: "messages-title" }, "Vexy ", make("span", { class: "muted" }, "in words"));
    return make("header", { class: "panel-head" }, title, this.choice);
  }

  get detail() {
    return this.store.get("settings")?.detail ?? "initiated";
  }

  draw() {
    const symbol = this.store.get("symbol");
    const now = nowMs();
    const all = standing(this.store.get("messages") ?? []).filter(({ symbols }) => symbols.includes(symbol));
    const current = all.filter((message) => isCurrent(message, now)).slice(0, MOST);
    const past = all.filter((message) => !isCurrent(message, now)).slice(0, MOST_EARLIER);
    this.#forget(new Set([...current, ...past].map((message) => cardOf(message, symbol))));
    arrange(this.list, current.map((message) => this.#card(message, symbol, now)));
    arrange(this.past, past.map((message) => this.#card(message, symbol, now)));
    this.none.hidden = current.length > 0;
    this.list.hidden = !current.length;
    this.earlier.hidden = !past.length;
    write(this.count, `Earlier (${past.length})`);
    this.choice.value = this.detail;
    if (current[0]) this.announcer.say(current[0].id, `${current[0].title}. ${wordsFor(current[0], this.detail)}`);
  }

  #forget(kept) {
    for (const [name, card] of this.cards) {
      if (kept.has(name)) continue;
      card.element.remove();
      this.cards.delete(name);
    }
  }

  #card(message, symbol, now) {
    const name = cardOf(message, symbol);
    if (!this.cards.has(name)) this.cards.set(name, this.#made(message, symbol));
    const card = this.cards.get(name);
    write(card.text, wordsFor(message, this.detail));
    grow(card.age, message.ts, now);
    return card.element;
  }

  #made(message, symbol) {
    const { icon, word } = toneOf(message);
    const badge = make("span", { class: `importance is-${message.tone}` }, make("span", { "aria-hidden": "true" }, icon), ` ${word}`);
    const age = when(message.ts);
    const symbols = make("span", { class: "symbol" }, message.symbols.join(", "));
    const kind = make("span", { class: "state" }, KINDS[message.kind] ?? message.kind);
    const text = make("p", { class: "told-text" });
    const head = make("div", { class: "told-head" }, age, badge, symbols, kind);
    const element = make("li", { class: `told-row is-${message.tone}`, "data-id": message.id }, head, this.#title(message, symbol), text, numbers(message));
    return { element, text, age };
  }

  #title(message, symbol) {
    const strike = strikeIn(message, symbol);
    if (strike === undefined) return make("span", { class: "told-title" }, message.title);
    const go = () => this.store.act("show-strike", strike);
    return button({ class: "told-title leads", title: `Show ${price(strike)} in the ladder` }, go, message.title);
  }
}

/** A card is of one symbol: each is led to its own strike. */
const cardOf = (message, symbol) => `${symbol} ${message.id}`;

/** Where each number of the words is from, and what all of them stand on. */
function numbers(message) {
  const facts = message.facts ?? [];
  const rows = facts.flatMap((fact) => [
    make("dt", {}, fact.text),
    make("dd", {}, `${fact.name.replaceAll("_", " ")} ${factText(fact)}, from ${fact.source}, at ${clockTime(fact.as_of)}`),
  ]);
  const quality = qualityText(message.quality);
  const stands = quality ? make("p", { class: "method" }, `Stands on ${quality}.`) : null;
  if (!rows.length && !stands) return null;
  return make("details", {}, make("summary", {}, "Numbers"), make("dl", {}, ...rows), stands);
}
