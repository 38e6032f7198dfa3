/**
 * Vexy's marks as they stand now, in the store's part `marks`: what the widgets' state says, brought up to date by what messages
 * have said since. The state alone is enough for a page that comes late; a cleared or expired mark is gone.
 */

import { nowMs } from "./clock.js";
import { notesOf } from "./notes.js";

const LOOK_MS = 1_000;

/**
 * @param {HTMLElement} _ marks are drawn by the panels on which they stand; the ladder has a line for those without a strike
 * @param {object} store
 */
export function mount(_, store) {
  const keep = () => publish(store);
  for (const part of ["symbol", "annotations", "messages"]) store.subscribe(part, keep);
  setInterval(keep, LOOK_MS);
  document.getElementById("ladder-scroll")?.before(notesOf(store, "ladder", (mark) => mark.target.type === "metric"));
}

function publish(store) {
  const symbol = store.get("symbol");
  const said = (store.get("messages") ?? []).flatMap((message) => message.annotations ?? []);
  const marks = standing([...(store.get("annotations") ?? []), ...said], symbol, nowMs());
  if (!alike(marks, store.get("marks"))) store.set("marks", marks);
}

/**
 * The newest version of each annotation of a symbol that is neither cleared nor over.
 * @param {object[]} told in any order, any version more than once
 */
export function standing(told, symbol, now) {
  const newest = new Map();
  for (const one of told) {
    if (one.symbol === symbol && one.version >= (newest.get(one.id)?.version ?? 0)) newest.set(one.id, one);
  }
  return [...newest.values()]
    .filter((one) => one.state !== "cleared" && !(one.until_ts <= now))
    .sort((one, other) => one.from_ts - other.from_ts || one.id.localeCompare(other.id));
}

function alike(marks, before) {
  if (!before || marks.length !== before.length) return false;
  return marks.every((mark, i) => mark.id === before[i].id && mark.version === before[i].version && mark.state === before[i].state);
}
