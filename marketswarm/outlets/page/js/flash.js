/** Changed cells flash by a class that the frame loop takes off again: keyframes and transitions cost three times the frames. */

const SHOWN_MS = 400;

export class Flashes {
  constructor() {
    /** @type {Map<Element, number>} cell → when its flash ends */
    this.until = new Map();
    /** How many there were: cells that went up or down. */
    this.count = 0;
    this.isOff = matchMedia("(prefers-reduced-motion: reduce)");
  }

  flash(cell, way) {
    this.count += 1;
    if (this.isOff.matches || document.hidden) return;
    cell.className = cell.dataset.base + (way > 0 ? " flash-up" : " flash-down");
    if (!this.until.size) requestAnimationFrame((now) => this.sweep(now));
    this.until.delete(cell); // so that the order of the map is the order of the ends
    this.until.set(cell, performance.now() + SHOWN_MS);
  }

  sweep(now) {
    for (const [cell, end] of this.until) {
      if (end > now) break;
      this.until.delete(cell);
      cell.className = cell.dataset.base;
    }
    if (this.until.size) requestAnimationFrame((later) => this.sweep(later));
  }
}
