/**
 * Method and age of a number, on demand: by pointer, by focus, by tap on anything with `data-explain`, and on the ladder's cells.
 * One popover serves all. Escape closes it; it never takes the focus. What was closed stays closed while the pointer rests: what moves
 * beneath a resting pointer, as the page is redrawn, asks nothing.
 */

import { nowMs } from "./clock.js";
import { make, write } from "./dom.js";
import { ageText, explain } from "./explanations.js";

const REST_MS = 350;
const LEAVE_MS = 200;
const AGE_MS = 1_000;
const EDGE = 8;
const ASKS = "[data-explain], .ladder td[data-column]";

/**
 * @param {HTMLElement} root of what explains itself
 * @param {object} store
 */
export function mount(root, store) {
  new Explainer(root, store);
}

class Explainer {
  constructor(root, store) {
    this.store = store;
    this.anchor = null;
    this.timer = 0;
    /** What was closed by its reader, until the pointer has been elsewhere. */
    this.dismissed = "";
    this.pointer = "";
    this.width = innerWidth;
    this.age = make("dd");
    this.popover = make("div", { id: "explanation", class: "explanation", role: "tooltip", popover: "manual" });
    root.append(this.popover);
    this.#listen(root);
    store.subscribe("symbol", () => this.#dismiss());
    setInterval(() => this.anchor && this.#keep(), AGE_MS);
  }

  #listen(root) {
    root.addEventListener("pointerover", (event) => event.pointerType === "mouse" && this.#hasMoved(event) && this.#over(event.target));
    root.addEventListener("focusin", ({ target }) => target.matches(":focus-visible") && target.closest("[data-explain]") && this.show(target.closest("[data-explain]")));
    root.addEventListener("focusout", ({ target }) => target === this.anchor && this.hide());
    root.addEventListener("click", ({ target }) => this.#tapped(target));
    document.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || !this.anchor) return;
      event.stopPropagation();
      this.#dismiss();
    }, true);
    addEventListener("scroll", () => this.anchor && this.#place(), { capture: true, passive: true });
    addEventListener("resize", () => this.#resized());
  }

  /** Whether the pointer went there, rather than the page beneath it. */
  #hasMoved({ clientX, clientY }) {
    const before = this.pointer;
    this.pointer = `${clientX} ${clientY}`;
    return this.pointer !== before;
  }

  #resized() {
    if (innerWidth !== this.width) this.#dismiss();
    else if (this.anchor) this.#place();
    this.width = innerWidth;
  }

  #dismiss() {
    if (this.anchor) this.dismissed = keyOf(this.anchor);
    this.hide();
  }

  #over(target) {
    clearTimeout(this.timer);
    const anchor = target.closest(ASKS);
    if (anchor && keyOf(anchor) === this.dismissed) return;
    this.dismissed = "";
    if (this.popover.contains(target) || (anchor && anchor === this.anchor)) return;
    if (anchor) this.timer = setTimeout(() => this.show(anchor), this.anchor ? 0 : REST_MS);
    else if (this.anchor && document.activeElement !== this.anchor) this.timer = setTimeout(() => this.hide(), LEAVE_MS);
  }

  #tapped(target) {
    const anchor = target.closest(ASKS);
    if (anchor) {
      clearTimeout(this.timer);
      this.show(anchor);
    } else if (!this.popover.contains(target)) this.hide();
  }

  show(anchor) {
    const told = explain(keyOf(anchor), this.store);
    if (!told) return;
    if (this.anchor !== anchor) this.anchor?.removeAttribute("aria-describedby");
    this.anchor = anchor;
    anchor.setAttribute("aria-describedby", this.popover.id);
    this.#fill(told);
    if (!this.popover.matches(":popover-open")) this.popover.showPopover();
    this.#place();
  }

  hide() {
    clearTimeout(this.timer);
    this.anchor?.removeAttribute("aria-describedby");
    this.anchor = null;
    if (this.popover.matches(":popover-open")) this.popover.hidePopover();
  }

  #fill({ title, text, rows, as_of }) {
    const list = make("dl", {}, ...rows.flatMap(([label, told]) => [make("dt", {}, label), make("dd", {}, told)]));
    this.as_of = as_of;
    if (as_of !== undefined) list.append(make("dt", {}, "Age"), this.age);
    this.popover.replaceChildren(make("strong", {}, title), text ? make("p", {}, text) : "", list);
    this.#tick();
  }

  /** What is explained goes on changing: read again, unless what it was asked of is gone. */
  #keep() {
    if (!this.anchor.isConnected) {
      this.hide();
      return;
    }
    const told = explain(keyOf(this.anchor), this.store);
    if (told) this.#fill(told);
  }

  #tick() {
    if (this.as_of !== undefined) write(this.age, ageText(this.as_of, nowMs()));
  }

  /** Beneath what it explains, or above it where there is no room; always within the window. */
  #place() {
    const at = this.anchor.getBoundingClientRect();
    const { offsetWidth: width, offsetHeight: height } = this.popover;
    const below = at.bottom + 6 + height <= innerHeight - EDGE;
    const top = below ? at.bottom + 6 : Math.max(EDGE, at.top - 6 - height);
    const left = Math.max(EDGE, Math.min(at.left, innerWidth - width - EDGE));
    this.popover.style.top = `${top}px`;
    this.popover.style.left = `${left}px`;
  }
}

/** A cell of the ladder is asked by strike, root, side and column. */
function keyOf(anchor) {
  if (anchor.dataset.explain) return anchor.dataset.explain;
  const { strike, root } = anchor.closest("tr").dataset;
  return strike ? ["contract", strike, root, anchor.dataset.base, anchor.dataset.column].join(":") : "";
}
