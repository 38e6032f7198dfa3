/**
 * A chart's place on the page: headline, plot, text alternative, table; and when it is drawn: in one animation frame after what it
 * shows has changed, and not at all while nobody sees it.
 */

import uPlot from "../../vendor/uplot/uPlot.esm.js";
import { make } from "../dom.js";
import { button } from "../figure.js";
import { looseNotes } from "../notes.js";
import { Chips } from "./chips.js";
import { colour, onScheme } from "./colours.js";

/**
 * @typedef {object} Chart
 * @property {string} name
 * @property {string} title
 * @property {string[]} parts of the store, whose change draws anew
 * @property {Record<string, number>} [every_ms] part → a change of it is drawn no more often than this; of any other, at once
 * @property {(store: object) => object} read the model; `{empty: "why"}` when there is nothing to draw
 * @property {Pane[]} panes
 * @property {(model: object) => (Node | string)[]} headline
 * @property {(model: object) => string} summary one sentence, for those who do not see the picture
 * @property {(model: object) => {columns: string[], rows: string[][]}} table
 * @property {(frame: Frame, model: object) => void} place puts the labels of its lines in place
 *
 * @typedef {object} Pane
 * @property {string} name
 * @property {(frame: Frame) => object} options of uPlot
 * @property {(model: object) => ArrayLike<number>[]} data
 */

const LOW_PX = 210; // less than this is no room for labels of two rows, or for a second pane

/**
 * @param {HTMLElement} element
 * @param {object} store
 * @param {Chart} chart
 */
export function mountChart(element, store, chart) {
  return new Frame(element, store, chart);
}

class Frame {
  constructor(element, store, chart) {
    this.chart = chart;
    this.store = store;
    this.model = { empty: "Waiting for data" };
    this.plots = [];
    this.due = Infinity;
    this.chips = new Chips();
    this.#build(element);
    this.#listen();
    this.redraw();
  }

  /** Draws in the next frame, or when the pace of what has changed lets it; any number of calls draws once. */
  redraw = (_, every_ms = 0) => {
    this.missed ||= document.hidden;
    if (document.hidden) return;
    const due = Math.max(performance.now(), (this.drawn ?? -Infinity) + every_ms);
    if (this.due <= due) return;
    clearTimeout(this.timer);
    this.due = due;
    this.timer = setTimeout(() => requestAnimationFrame(() => this.#frame()), due - performance.now());
  };

  #frame() {
    this.due = Infinity;
    this.missed = document.hidden; // it was hidden while this frame was on its way
    if (this.missed) return;
    this.drawn = performance.now();
    this.#draw();
  }

  #build(element) {
    const { name, title, panes } = this.chart;
    const id = `chart-${name}`;
    this.headline = make("p", { class: "chart-headline" });
    this.readout = make("p", { class: "chart-readout", "aria-hidden": "true" });
    this.summary = make("p", { class: "sr", id: `${id}-summary` });
    this.empty = make("p", { class: "chart-empty" });
    this.places = panes.map((pane) => make("div", { class: `chart-pane pane-${pane.name}` }));
    this.plot = make("div", { class: "chart-plot" }, this.chips.element, ...this.places);
    this.rows = make("div", { class: "chart-table", tabindex: "0", hidden: true, role: "group", "aria-label": `${title} as a table` });
    this.toggle = button({ class: "quiet", "aria-pressed": "false", "aria-label": `${title} as a table`, title: "Show as a table" }, () => this.#turn(), "▤");
    const words = make("div", { class: "chart-words" }, this.headline, this.readout);
    const head = make("header", { class: "panel-head" }, make("h2", { id }, title), words, this.toggle);
    element.classList.add("panel", "chart", `chart-${name}`);
    element.setAttribute("aria-labelledby", id);
    element.replaceChildren(head, this.summary, this.empty, this.plot, this.rows);
  }

  #listen() {
    for (const part of this.chart.parts) this.store.subscribe(part, () => this.redraw(part, this.chart.every_ms?.[part]));
    onScheme(() => this.redraw());
    document.addEventListener("visibilitychange", () => !document.hidden && this.missed && this.redraw());
    new ResizeObserver(() => this.redraw()).observe(this.plot);
  }

  #turn() {
    const table = this.rows.hidden;
    this.rows.hidden = !table;
    this.plot.hidden = table;
    this.toggle.setAttribute("aria-pressed", String(table));
    this.#draw();
  }

  #draw() {
    const stands = this.store.get("settings")?.paused && !this.model.empty;
    if (!stands) this.model = this.chart.read(this.store);
    const { empty } = this.model;
    this.empty.hidden = !empty;
    this.empty.textContent = empty ?? "";
    this.headline.hidden = Boolean(empty);
    this.toggle.hidden = Boolean(empty);
    this.plot.classList.toggle("nothing", Boolean(empty));
    this.summary.textContent = empty ?? this.chart.summary(this.model);
    if (empty) return;
    const [first, last] = looseNotes(this.store.get("marks") ?? [], this.chart.name);
    fill(this.headline, [...first, ...this.chart.headline(this.model), ...last]);
    this.#fit();
    if (this.rows.hidden) this.#paint();
    else this.#tabulate();
  }

  /** What does not fit on the headline's one line is not shown at all, rather than cut. */
  #fit() {
    const items = [...this.headline.children];
    const first = items[0]?.offsetTop;
    const places = items.map((item) => item.offsetTop);
    items.forEach((item, i) => item.toggleAttribute("data-no-room", !this.narrow && places[i] - first > 6));
  }

  #paint() {
    const width = this.plot.clientWidth;
    if (!width) return;
    this.narrow = width < 480;
    this.low = this.plot.clientHeight < LOW_PX;
    this.plot.classList.toggle("low", this.low);
    this.chart.panes.forEach((pane, index) => this.places[index].clientHeight && this.#pane(pane, index, width));
    queueMicrotask(() => this.chart.place(this, this.model)); // after uPlot's own, which sets the scales
  }

  #pane(pane, index, width) {
    const place = this.places[index];
    const size = { width, height: place.clientHeight };
    const data = pane.data(this.model);
    let plot = this.plots[index];
    if (!plot) {
      const options = { ...pane.options(this), ...size, ms: 1, legend: { show: false } };
      plot = new uPlot(options, data, place);
      plot.ctx.canvas.setAttribute("role", "img");
      this.plots[index] = plot;
    } else {
      if (plot.width !== size.width || plot.height !== size.height) plot.setSize(size);
      plot.setData(data);
    }
    plot.ctx.canvas.setAttribute("aria-label", this.summary.textContent);
  }

  #tabulate() {
    const { columns, rows } = this.chart.table(this.model);
    const head = make("tr", {}, ...columns.map((column) => make("th", { scope: "col" }, column)));
    const body = rows.map(([first, ...rest]) =>
      make("tr", {}, make("th", { scope: "row" }, first), ...rest.map((cell) => make("td", {}, cell))));
    this.rows.replaceChildren(
      make("table", {}, make("caption", { class: "sr" }, this.chart.title), make("thead", {}, head), make("tbody", {}, ...body)),
    );
  }
}

/** Writes a headline; where the same figures stand already only their texts change, so that a focus on one stays. */
function fill(place, nodes) {
  const fresh = make("p", {}, ...nodes);
  if (!alike(place, fresh)) place.replaceChildren(...fresh.childNodes);
}

function alike(old, fresh) {
  if (old.childNodes.length !== fresh.childNodes.length) return false;
  return [...old.childNodes].every((node, i) => same(node, fresh.childNodes[i]));
}

function same(node, fresh) {
  if (node.nodeType !== fresh.nodeType) return false;
  if (node.nodeType === Node.TEXT_NODE) {
    if (node.data !== fresh.data) node.data = fresh.data;
    return true;
  }
  return node.className === fresh.className && node.dataset.explain === fresh.dataset.explain && alike(node, fresh);
}

/** Shows what the pointer is at, in the headline's place; nothing gives the headline back. */
export function readOut(frame, text) {
  frame.readout.textContent = text;
  frame.headline.classList.toggle("covered", Boolean(text));
}

/** What all axes have in common. */
export function axis(more = {}) {
  return {
    stroke: () => colour("chart-text"),
    grid: { stroke: () => colour("chart-grid"), width: 1 },
    ticks: { show: false },
    font: "11px Inter, system-ui, sans-serif",
    ...more,
  };
}

/** A line of the whole pane at a place of its scale. */
export function rule(plot, scale, at, { role, dash = [], width = 1.5 }) {
  const { left, top, width: wide, height } = plot.bbox;
  const place = Math.round(plot.valToPos(at, scale, true)) + 0.5;
  if (!Number.isFinite(place)) return;
  const { ctx } = plot;
  ctx.save();
  ctx.beginPath();
  ctx.rect(left, top, wide, height);
  ctx.clip();
  ctx.strokeStyle = colour(`role-${role}`);
  ctx.lineWidth = width * devicePixelRatio;
  ctx.setLineDash(dash.map((part) => part * devicePixelRatio));
  ctx.beginPath();
  if (scale === "x") {
    ctx.moveTo(place, top);
    ctx.lineTo(place, top + height);
  } else {
    ctx.moveTo(left, place);
    ctx.lineTo(left + wide, place);
  }
  ctx.stroke();
  ctx.restore();
}

/** A band of the whole pane between two places of a scale. */
export function band(plot, scale, low, high, fill) {
  const { left, top, width, height } = plot.bbox;
  const [a, b] = [plot.valToPos(low, scale, true), plot.valToPos(high, scale, true)].sort((one, other) => one - other);
  const { ctx } = plot;
  ctx.save();
  ctx.fillStyle = fill;
  if (scale === "x") {
    const from = Math.max(a, left);
    ctx.fillRect(from, top, Math.max(0, Math.min(b, left + width) - from), height);
  } else {
    const from = Math.max(a, top);
    ctx.fillRect(left, from, width, Math.max(0, Math.min(b, top + height) - from));
  }
  ctx.restore();
}
