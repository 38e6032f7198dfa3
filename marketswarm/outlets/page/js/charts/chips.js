/** Labels of lines, kept apart from each other. Pure but for `Chips`, which holds their elements. */

import { make } from "../dom.js";
import { shortOf } from "../short_names.js";

/**
 * Places for labels, each as near to what it wants as the others let it.
 * @param {number[]} wanted ascending, where each would begin
 * @param {number[]} sizes
 * @param {number} least first place
 * @param {number} most last end
 */
export function spread(wanted, sizes, least, most) {
  const before = sizes.map((_, i) => sizes.slice(0, i).reduce((sum, size) => sum + size, 0));
  const total = sizes.reduce((sum, size) => sum + size, 0);
  const groups = []; // of labels that stand close beside each other, each group where its members want it on average
  wanted.forEach((want, i) => {
    groups.push({ sum: want - before[i], count: 1 });
    while (groups.length > 1 && mean(groups.at(-2)) >= mean(groups.at(-1))) {
      const last = groups.pop();
      groups.at(-1).sum += last.sum;
      groups.at(-1).count += last.count;
    }
  });
  const starts = groups.flatMap((group) => Array(group.count).fill(Math.max(least, Math.min(mean(group), most - total))));
  return starts.map((start, i) => start + before[i]);
}

const mean = ({ sum, count }) => sum / count;

/**
 * Rows for labels of several widths, centred on what they mark: all in one row where they have room beside each other, else each in
 * the first row that has room.
 * @param {{centre: number, width: number}[]} labels ascending by centre
 * @param {number} width of all
 * @param {number} share of the width up to which all stand in one row
 * @returns {{left: number, row: number}[]}
 */
export function rowsFor(labels, width, gap = 4, share = 0.94) {
  const sizes = labels.map((label) => label.width + gap);
  if (sizes.reduce((sum, size) => sum + size, 0) <= width * share + gap) {
    const wanted = labels.map((label) => label.centre - label.width / 2);
    return spread(wanted, sizes, 0, width + gap).map((left) => ({ left, row: 0 }));
  }
  const ends = [];
  return labels.map((label) => {
    const left = Math.max(0, Math.min(label.centre - label.width / 2, width - label.width));
    let row = ends.findIndex((end) => end + gap <= left);
    if (row < 0) row = ends.push(0) - 1;
    ends[row] = left + label.width;
    return { left, row };
  });
}

/** The labels of one chart's lines. Each explains itself. */
export class Chips {
  constructor() {
    this.element = make("div", { class: "chips" });
    this.held = new Map();
  }

  /**
   * @param {{name: string, label: string, text: string, role: string, explain?: string, also?: string[], state?: string}[]} lines
   * @param {boolean} isShort whether their names are said short
   */
  show(lines, isShort = false) {
    const kept = new Set(lines.map((line) => line.name));
    for (const [name, chip] of this.held) {
      if (kept.has(name)) continue;
      chip.remove();
      this.held.delete(name);
    }
    return lines.map((line) => this.#chip(line, isShort));
  }

  /** Says a label's name short where it has no room for all of it. */
  shorten(chip, line) {
    if (chip.firstChild.scrollWidth > chip.firstChild.clientWidth) this.#name(chip, line, true);
  }

  #name(chip, line, isShort) {
    const name = isShort ? shortOf(line.label) : line.label;
    write(chip.firstChild, name);
    if (name === line.label) chip.removeAttribute("aria-label");
    else chip.setAttribute("aria-label", `${line.label} ${line.text}`);
  }

  #chip(line, isShort) {
    let chip = this.held.get(line.name);
    if (!chip) {
      chip = make("button", { type: "button" }, make("b"), " ", make("span"));
      this.held.set(line.name, chip);
      this.element.append(chip);
    }
    chip.className = ["chip", `role-${line.role}`, ...(line.kind ? ["is-note", `is-${line.kind}`, line.state] : ["is-level"])].join(" ");
    if (line.explain) chip.dataset.explain = [line.explain, ...(line.also ?? [])].join("|");
    this.#name(chip, line, isShort);
    write(chip.lastChild, line.text);
    return chip;
  }
}

function write(node, text) {
  if (node.textContent !== text) node.textContent = text;
}
