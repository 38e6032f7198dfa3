/** What Vigil told, newest first: when, how important, what; its evidence on demand. A title leads to the strike it speaks of. */

import { Announcer } from "./announcer.js";
import { nowMs } from "./clock.js";
import { make, write } from "./dom.js";
import { IMPORTANCES, STATES, factText, importanceOf, inWords, isNothing, strikeOf } from "./event_words.js";
import { button } from "./figure.js";
import { price } from "./format.js";
import { notesOf } from "./notes.js";
import { AGES_MS, grow, when } from "./when.js";

const MOST = 80;
const CHOICES = { info: "All", notice: "Notices", warning: "Warnings" };

/**
 * @param {HTMLElement} element
 * @param {object} store
 */
export function mount(element, store) {
  const panel = new Events(store);
  element.classList.add("told");
  element.replaceChildren(panel.head, panel.notes, panel.list, panel.none, panel.announcer.element);
  element.setAttribute("aria-labelledby", "events-title");
  for (const part of ["events", "symbol"]) store.subscribe(part, () => panel.draw());
  setInterval(() => document.hidden || store.get("settings")?.paused || panel.age(), AGES_MS);
}

class Events {
  constructor(store) {
    this.store = store;
    this.least = "info";
    this.everywhere = false;
    this.rows = new Map();
    this.announcer = new Announcer("Vigil");
    this.list = make("ol", { class: "told-list", tabindex: "0", "aria-label": "Events, newest first" });
    this.notes = notesOf(store, "feed");
    this.none = make("p", { class: "told-none" });
    this.head = this.#head();
  }

  #head() {
    const scope = button({ "aria-pressed": "false", class: "quiet", title: "Events of every symbol" }, () => {
      this.everywhere = !this.everywhere;
      scope.setAttribute("aria-pressed", String(this.everywhere));
      this.draw();
    }, "All symbols");
    const least = make("select", { "aria-label": "Least importance" },
      ...Object.entries(CHOICES).map(([value, text]) => make("option", { value }, text)));
    least.addEventListener("change", () => {
      this.least = least.value;
      this.draw();
    });
    const title = make("h2", { id: "events-title" }, "Events ", make("span", { class: "muted" }, "by Vigil"));
    return make("header", { class: "panel-head" }, title, least, scope);
  }

  draw() {
    const all = this.store.get("events") ?? [];
    const shown = all.filter((event) => this.#isWanted(event)).slice(-MOST).reverse();
    const kept = new Set(shown.map((event) => event.id));
    for (const [id, row] of this.rows) {
      if (kept.has(id)) continue;
      row.remove();
      this.rows.delete(id);
    }
    arrange(this.list, shown.map((event) => this.#row(event)));
    this.age();
    write(this.none, all.length ? "None of these for this symbol." : "Nothing has been told yet. Events appear when something changes.");
    this.none.hidden = shown.length > 0;
    this.list.hidden = !shown.length;
    const newest = shown[0];
    if (newest) this.announcer.say(newest.id, `${importanceOf(newest).word}, ${newest.symbol}: ${newest.title}`);
  }

  age() {
    for (const row of this.rows.values()) {
      const time = row.querySelector("time");
      grow(time, Date.parse(time.dateTime), nowMs());
    }
  }

  #isWanted(event) {
    const rank = IMPORTANCES[this.least].rank;
    return importanceOf(event).rank >= rank && (this.everywhere || event.symbol === this.store.get("symbol"));
  }

  #row(event) {
    if (!this.rows.has(event.id)) this.rows.set(event.id, this.#made(event));
    return this.rows.get(event.id);
  }

  #made(event) {
    const { icon, word } = importanceOf(event);
    const strike = strikeOf(event);
    const state = STATES[event.state];
    const badge = make("span", { class: `importance is-${event.importance}` }, make("span", { "aria-hidden": "true" }, icon), ` ${word}`);
    const time = when(event.ts);
    const lead = strike === undefined ? make("span", { class: "told-title" }, event.title) : this.#lead(event, strike);
    const head = make("div", { class: "told-head" }, time, badge, make("span", { class: "symbol" }, event.symbol), state && make("span", { class: "state" }, state));
    return make("li", { class: `told-row is-${event.importance}${event.state === "exit" ? " is-over" : ""}`, "data-id": event.id }, head, lead, evidence(event));
  }

  #lead(event, strike) {
    const go = () => {
      if (event.symbol !== this.store.get("symbol")) this.store.act("show-symbol", event.symbol);
      this.store.act("show-strike", strike);
    };
    return button({ class: "told-title leads", title: `Show ${price(strike)} in the ladder` }, go, event.title);
  }
}

/** What an event was concluded from: folded away until somebody asks. */
function evidence(event) {
  const facts = Object.entries(event.evidence ?? {}).filter(([name, fact]) => !isNothing(name, fact));
  const rows = facts.flatMap(([name, fact]) => [make("dt", {}, inWords(name)), make("dd", {}, factText(fact))]);
  const method = make("p", { class: "method" }, `Method: ${event.method}. Severity ${event.severity} of 100.`);
  return make("details", {}, make("summary", {}, "Evidence"), make("dl", {}, ...rows), method);
}

/** Puts rows in order, touching only those that are not in place. */
export function arrange(list, rows) {
  rows.forEach((row, i) => {
    if (list.children[i] !== row) list.insertBefore(row, list.children[i] ?? null);
  });
}
