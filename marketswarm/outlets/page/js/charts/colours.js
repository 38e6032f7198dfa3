/** The page's colours for a canvas, which knows neither variables nor `light-dark()`. */

const held = new Map();
const listeners = new Set();
let probe = null;

/**
 * A variable's colour in the scheme that is shown now.
 * @param {string} name of the variable, without dashes
 */
export function colour(name) {
  if (!held.has(name)) held.set(name, resolved(name));
  return held.get(name);
}

/**
 * The same, with a share of its opacity.
 * @param {string} name
 * @param {number} share 0 to 1
 */
export function faint(name, share) {
  return `color-mix(in srgb, ${colour(name)} ${share * 100}%, transparent)`;
}

/** Calls `fn` when the scheme has changed. */
export function onScheme(fn) {
  listeners.add(fn);
  return () => listeners.delete(fn);
}

function resolved(name) {
  if (!probe) {
    probe = document.createElement("span");
    probe.hidden = true;
    document.body.append(probe);
  }
  probe.style.color = `var(--${name})`;
  return getComputedStyle(probe).color;
}

function changed() {
  held.clear();
  for (const fn of listeners) fn();
}

matchMedia("(prefers-color-scheme: dark)").addEventListener("change", changed);
new MutationObserver(changed).observe(document.documentElement, {
  attributes: true,
  attributeFilter: ["class", "data-theme", "data-scheme", "style"],
});
