/** One strike of the ladder: its elements, what they show, and what has changed of it. */

import { COLUMNS, hasChanged } from "./columns.js";
import { make, mark, write } from "./dom.js";
import { count, dollars, price } from "./format.js";
import { shortOf } from "./short_names.js";

export const SIDES = ["call", "put"];
const MOST_TAGS = 2;

export class Rung {
  constructor(strike, root, columns, rootShown) {
    this.strike = strike;
    this.root = root;
    this.columns = columns;
    /** @type {{call?: any, put?: any}} contracts */
    this.contracts = {};
    this.cells = { call: [], put: [] };
    this.row = this.build(rootShown);
  }

  build(rootShown) {
    const [calls, puts] = SIDES.map((side) => this.columns[side].map((id) => this.cell(side, id)));
    this.callBars = bars("call");
    this.putBars = bars("put");
    this.tagsBelow = make("span", { class: "tags left" });
    this.tagsAbove = make("span", { class: "tags right" });
    this.figure = make("span", { class: "strike-figure" }, price(this.strike) + (rootShown ? ` ${this.root}` : ""));
    this.head = make("th", { scope: "row", role: "rowheader", class: "strike" }, this.tagsBelow, this.figure, this.tagsAbove);
    return make("tr", { role: "row", class: "rung", "data-strike": this.strike, "data-root": this.root }, ...calls, this.callBars.cell, this.head, this.putBars.cell, ...puts);
  }

  cell(side, id) {
    const text = document.createTextNode(COLUMNS[id].none ?? "");
    const element = make("td", { role: "cell", class: side, "data-base": side, "data-column": id }, text);
    this.cells[side].push({ column: COLUMNS[id], element, text, value: undefined });
    return element;
  }

  /** Shows a side's contract; what went up or down is told to `flashes`, when given. */
  show(side, flashes) {
    const contract = this.contracts[side];
    for (const cell of this.cells[side]) {
      const value = contract === undefined ? undefined : cell.column.read(contract);
      if (!hasChanged(cell.value, value)) continue;
      const text = value === undefined ? cell.column.none ?? "" : cell.column.show(value);
      if (text !== cell.text.data) {
        cell.text.data = text;
        if (flashes && cell.value !== undefined && value !== undefined) flashes.flash(cell.element, value - cell.value);
      }
      cell.value = value;
    }
  }

  /** Where the strike stands to spot: shading, and the one at the money. */
  place(spot, isAtm) {
    const inside = spot === undefined ? "" : this.strike < spot ? "call" : this.strike > spot ? "put" : "";
    mark(this.row, "data-itm", inside || null);
    mark(this.row, "data-atm", isAtm ? "true" : null);
  }

  /** Bars as shares of the longest one; none where the figure is unknown. */
  showBars(exposure, most) {
    this.bar(this.callBars, "calls", this.contracts.call, exposure?.call, most);
    this.bar(this.putBars, "puts", this.contracts.put, exposure?.put, most);
  }

  bar(bar, word, contract, gamma, most) {
    const interest = contract?.open_interest;
    size(bar.gamma, Math.abs(gamma ?? 0) / most.gamma);
    size(bar.interest, (interest ?? 0) / most.interest);
    const told = [gamma === undefined ? "" : `gamma exposure ${dollars(gamma)} per 1 % move`, interest === undefined ? "" : `open interest ${count(interest)}`];
    mark(bar.cell, "title", `${price(this.strike)} ${word}: ${told.filter(Boolean).join(", ") || "unknown"}`);
  }

  /** @param {{word: string, kind: string, side: "left"|"right"}[]} tags */
  tag(tags) {
    const key = tags.map((each) => each.word).join("|");
    if (this.tagged === key) return;
    this.tagged = key;
    for (const [holder, side] of [[this.tagsBelow, "left"], [this.tagsAbove, "right"]]) {
      holder.replaceChildren(...tagged(tags.filter((each) => each.side === side)));
    }
    mark(this.row, "data-level", tags.find((each) => each.kind !== "new" && each.kind !== "key")?.kind ?? null);
  }
}

/** One with its name, two with short ones; of more, how many there are. All are told whole to a pointer. */
function tagged(tags) {
  const full = (each) => each.full ?? each.word;
  const shown = tags.slice(0, MOST_TAGS).map((each) => make("span", { class: "tag", "data-kind": each.kind, title: full(each) }, tags.length > 1 ? shortOf(each.word) : each.word));
  const more = tags.slice(MOST_TAGS);
  return more.length ? [...shown, make("span", { class: "tag", title: more.map(full).join(", ") }, `+${more.length}`)] : shown;
}

function bars(side) {
  const [gamma, interest] = [make("i", { class: "bar-gamma" }), make("i", { class: "bar-interest" })];
  return { gamma, interest, cell: make("td", { role: "cell", class: `bars ${side}`, "data-column": "bars" }, gamma, interest) };
}

function size(bar, share) {
  const width = share > 0 ? `${Math.max(1, Math.min(100, share * 100)).toFixed(1)}%` : "0";
  if (bar.style.width !== width) bar.style.width = width;
}
