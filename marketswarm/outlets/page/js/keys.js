/** The keyboard. Keys with a modifier and keys typed into a field are left alone. */

import { byId } from "./dom.js";

export const KEYS = [
  ["1 – 9", "symbol by its place"],
  ["/", "go to a strike"],
  ["c", "keep the strike at the money in the middle"],
  ["v", "next columns: prices, greeks, positions"],
  ["r", "load the chain again"],
  ["p", "pause the view, and go on"],
  ["d", "detail level of the words"],
  ["t", "colours: automatic, light, dark"],
  ["?", "this help"],
];

export function mount(store) {
  const wishes = { c: "centre", v: "columns", r: "refresh", p: "pause", d: "detail", t: "theme", "?": "help" };
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target) || document.querySelector("dialog[open]")) return;
    if (event.key === "/") byId("jump-strike").focus();
    else if (event.key >= "1" && event.key <= "9") pick(store, Number(event.key));
    else if (event.key in wishes) store.act(wishes[event.key]);
    else return;
    event.preventDefault();
  });
}

const isTyping = (target) => target instanceof Element && target.matches("input, select, textarea, [contenteditable]");

function pick(store, place) {
  const symbol = store.get("symbols")?.[place - 1];
  if (symbol) store.act("show-symbol", symbol);
}
