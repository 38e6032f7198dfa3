/** Where panels lie below each other: what was told last, above all that has to be scrolled to. It leads to the panel that tells more. */

import { nowMs } from "./clock.js";
import { make } from "./dom.js";
import { STATES, importanceOf } from "./event_words.js";
import { button } from "./figure.js";
import { isCurrent, standing, toneOf } from "./message_words.js";
import { AGES_MS, grow, when } from "./when.js";

/**
 * @param {HTMLElement} element
 * @param {object} store
 */
export function mount(element, store) {
  const draw = () => show(element, store);
  for (const part of ["messages", "events", "symbol"]) store.subscribe(part, draw);
  setInterval(() => document.hidden || store.get("settings")?.paused || draw(), AGES_MS);
}

function show(element, store) {
  const told = latest(store);
  element.hidden = !told;
  if (!told) return;
  if (element.dataset.id !== told.id) {
    const badge = make("span", { class: `importance is-${told.tone}` }, make("span", { "aria-hidden": "true" }, told.icon), ` ${told.word}`, told.state ? `, ${told.state}` : "");
    const lead = () => document.getElementById(told.panel).scrollIntoView({ block: "start" });
    const title = button({ class: "told-title", title: "Show what else was told" }, lead, told.title);
    element.replaceChildren(make("div", { class: `told-row is-${told.tone}` }, make("div", { class: "told-head" }, when(told.ts), badge), title));
    element.dataset.id = told.id;
  }
  grow(element.querySelector("time"), told.ts, nowMs());
}

/** Vexy's newest message that still stands, else Vigil's newest event. */
function latest(store) {
  const symbol = store.get("symbol");
  const message = standing(store.get("messages") ?? []).find((one) => one.symbols.includes(symbol) && isCurrent(one, nowMs()));
  if (message) return { ...toneOf(message), id: message.id, ts: message.ts, title: message.title, tone: message.tone, panel: "panel-messages" };
  const event = (store.get("events") ?? []).findLast((one) => one.symbol === symbol);
  return event && { ...importanceOf(event), id: event.id, ts: event.ts, title: event.title, tone: event.importance, state: STATES[event.state], panel: "panel-events" };
}
