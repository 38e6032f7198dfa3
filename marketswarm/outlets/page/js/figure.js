/** Figures that explain themselves, and elements that listen. */

import { make } from "./dom.js";

/** A number with an explanation on demand: see explain.js for the keys. */
export function figure(key, text, className = "") {
  return make("button", { type: "button", class: `explained ${className}`.trim(), "data-explain": key }, text);
}

/** A button with what it does. */
export function button(attributes, onClick, ...children) {
  const made = make("button", { type: "button", ...attributes }, ...children);
  made.addEventListener("click", onClick);
  return made;
}
