/**
 * The ladder: calls, strike, puts; high strikes above, as on a chart. Every cell is written once a frame at most, only what changed,
 * and only text; rows out of sight are not laid out.
 */

import { COLUMNS, columnsFor, PRESETS } from "./columns.js";
import { byId, make, mark, write } from "./dom.js";
import { Flashes } from "./flash.js";
import { count, fixed, price } from "./format.js";
import { Edges } from "./ladder_edges.js";
import { bandOver, tagsOf } from "./ladder_tags.js";
import { rows as levelRows } from "./levels.js";
import { Rung, SIDES } from "./rung.js";

const NEW_MS = 5_000;
const STRIKE_WIDTH = { wide: 170, narrow: 96 };
const BARS_WIDTH = { wide: 72, narrow: 34 };
const NARROW = 520;
const ROW_PX = 22;
const SPOT_ROW_PX = 18;
const TOLD_MS = 6_000;

export class Ladder {
  constructor(store) {
    this.store = store;
    this.flashes = new Flashes();
    this.scroll = byId("ladder-scroll");
    /** @type {Map<string, Rung>} strike and root → rung */
    this.rungs = new Map();
    this.byTicker = new Map();
    this.follows = true;
    this.newUntil = new Map();
    this.edges = new Edges((strike) => this.showStrike(strike));
    /** @type {Rung[]} high strikes first */
    this.ordered = [];
  }

  mount() {
    this.build();
    this.mountControls();
    const { store } = this;
    store.subscribe("chain", (chain) => this.drawChain(chain));
    store.subscribe("levels", () => this.drawLevels());
    store.subscribe("marks", () => this.drawLevels());
    store.subscribe("spot", () => this.drawSpot());
    store.subscribe("settings", (settings) => this.drawSettings(settings));
    store.on("show-strike", (strike) => this.showStrike(strike));
    store.on("centre", () => this.centre(true));
    this.body.addEventListener("click", ({ target }) => this.clicked(target.closest("th.strike")));
    new ResizeObserver(() => this.fit()).observe(this.scroll);
    this.scroll.addEventListener("scroll", () => this.drawEdges(), { passive: true });
    this.scroll.addEventListener("wheel", () => this.centre(false), { passive: true });
    this.scroll.addEventListener("touchmove", () => this.centre(false), { passive: true });
    this.scroll.addEventListener("keydown", (event) => /^(Arrow|Page|Home|End)/.test(event.key) && this.centre(false));
  }

  mountControls() {
    const group = byId("presets");
    for (const [id, { title }] of Object.entries(PRESETS)) {
      const button = make("button", { type: "button", "data-preset": id, title: "Next columns (v)" }, title);
      button.addEventListener("click", () => this.store.patch("settings", { preset: id }));
      group.append(button);
    }
    this.store.on("columns", () => this.nextPreset());
    byId("centre").addEventListener("click", () => this.centre(!this.follows));
    const field = byId("jump-strike");
    byId("jump").addEventListener("submit", (event) => {
      event.preventDefault();
      if (this.jump(field.value.trim())) {
        field.value = "";
        this.scroll.focus({ preventScroll: true });
      } else field.select();
    });
    field.addEventListener("keydown", (event) => event.key === "Escape" && this.scroll.focus());
  }

  /** Goes to what was typed, or to the strike nearest to it; what else there is to say of it is shown for a few seconds. */
  jump(typed) {
    const strike = Number(typed.replaceAll(",", ""));
    if (!(strike > 0)) {
      if (typed) this.tell(`“${typed}” is no strike: type a price${this.atm ? ` such as ${price(this.atm.strike)}` : ""}`);
      return false;
    }
    this.tell("");
    const rung = this.showStrike(strike);
    if (rung && rung.strike !== strike) this.tell(`no strike ${price(strike)}: the nearest is ${price(rung.strike)}`);
    return true;
  }

  tell(text) {
    clearTimeout(this.telling);
    write(this.said, text);
    this.said.hidden = !text;
    if (!text) return;
    this.store.act("say", text);
    this.telling = setTimeout(() => this.tell(""), TOLD_MS);
  }

  nextPreset() {
    const names = Object.keys(PRESETS);
    const preset = names[(names.indexOf(this.store.get("settings").preset) + 1) % names.length];
    this.store.patch("settings", { preset });
    this.store.act("say", `Columns: ${PRESETS[preset].title}.`);
  }

  build() {
    this.caption = make("caption", { class: "sr" }, "Options by strike, calls on the left, puts on the right");
    this.head = make("thead", { role: "rowgroup" });
    this.body = make("tbody", { role: "rowgroup" });
    this.table = make("table", { role: "table", class: "ladder" }, this.caption, this.head, this.body);
    this.spotText = make("span", { class: "spot-pill" });
    this.spotRow = make("tr", { role: "row", class: "spot-row" }, make("td", { role: "cell" }, this.spotText));
    this.scroll.append(this.table, this.edges.below);
    this.said = make("p", { id: "ladder-said", hidden: true, "aria-hidden": "true" });
    this.scroll.after(this.said);
  }

  // ---- layout

  fit() {
    this.fitRows();
    const width = this.scroll.clientWidth;
    const preset = this.store.get("settings").preset;
    const size = width < NARROW ? "narrow" : "wide";
    const room = (width - STRIKE_WIDTH[size] - 2 * BARS_WIDTH[size]) / 2;
    const columns = columnsFor(preset, room);
    const key = `${preset} ${size} ${columns.call.join()}`;
    if (key === this.shape) return;
    this.shape = key;
    this.columns = columns;
    mark(this.table, "data-size", size);
    this.table.style.setProperty("--columns", template(columns, size));
    this.buildHead();
    this.rebuild();
  }

  /** Whole rows only: what is left of the height stays empty beneath them, so that none is cut in the middle. */
  fitRows() {
    const { scroll, head } = this;
    const room = scroll.clientHeight + (Number.parseFloat(scroll.style.marginBottom) || 0) - head.offsetHeight - SPOT_ROW_PX;
    if (room > ROW_PX) scroll.style.marginBottom = `${room % ROW_PX}px`;
  }

  buildHead() {
    const title = (side) => (id) => make("th", { role: "columnheader", scope: "col", class: side, "data-column": id, title: COLUMNS[id].name }, COLUMNS[id].title);
    const bars = (side) => make("th", { role: "columnheader", scope: "col", class: `bars ${side}`, "data-column": "bars", title: "Gamma exposure, thick; open interest, thin" }, "Γ · OI");
    const span = this.columns.call.length + 1;
    this.head.replaceChildren(
      make("tr", { role: "row", class: "sides" },
        make("th", { role: "columnheader", scope: "colgroup", class: "call", "aria-colspan": span }, "Calls"),
        this.edges.above,
        make("th", { role: "columnheader", scope: "colgroup", class: "put", "aria-colspan": span }, "Puts")),
      make("tr", { role: "row", class: "titles" },
        ...this.columns.call.map(title("call")), bars("call"),
        make("th", { role: "columnheader", scope: "col", class: "strike" }, "Strike"),
        bars("put"), ...this.columns.put.map(title("put"))),
    );
  }

  // ---- rows

  rebuild() {
    this.forget();
    this.body.replaceChildren();
    const chain = this.store.get("chain");
    if (chain) this.drawChain(chain);
  }

  forget() {
    this.rungs.clear();
    this.byTicker.clear();
    this.ordered = [];
    this.shown = null;
  }

  drawChain(chain) {
    if (!this.columns) return;
    if (!chain) {
      this.empty();
      return;
    }
    const isOther = this.shown?.symbol !== chain.symbol || this.shown?.expiration !== chain.expiration;
    if (isOther || this.shown !== chain || this.drawnShape !== chain.shape) this.reconcile(chain, isOther);
    else this.drawChanges(chain);
  }

  empty() {
    this.forget();
    const symbol = this.store.get("symbol") ?? "";
    this.body.replaceChildren(make("tr", { role: "row", class: "waiting" }, make("td", { role: "cell" }, `${symbol} is being read …`)));
    this.drawEdges();
  }

  /** Rows for the contracts that there are now; those that came while somebody looked are marked new. */
  reconcile(chain, isOther) {
    const roots = new Set([...chain.contracts.values()].map((contract) => contract.root));
    if (isOther) this.rungs.clear();
    const before = this.rungs;
    this.rungs = new Map();
    this.byTicker.clear();
    for (const [ticker, contract] of chain.contracts) this.attach(ticker, contract, before, roots.size > 1, !isOther);
    this.ordered = [...this.rungs.values()].sort((one, other) => other.strike - one.strike || one.root.localeCompare(other.root));
    this.body.replaceChildren(...this.ordered.map((rung) => rung.row), this.spotRow);
    for (const rung of this.ordered) for (const side of SIDES) rung.show(side, null);
    chain.takeChanged();
    this.shown = chain;
    this.drawnShape = chain.shape;
    this.caption.textContent = `${chain.symbol} options of ${chain.expiration} by strike, calls on the left, puts on the right`;
    write(byId("ladder-title"), `${chain.symbol} ladder`);
    this.drawFoot(chain);
    this.drawLevels();
    this.drawSpot();
    if (isOther) this.begin();
  }

  attach(ticker, contract, before, rootShown, isWatched) {
    const key = `${contract.strike} ${contract.root}`;
    let rung = this.rungs.get(key) ?? before.get(key);
    if (!rung) {
      rung = new Rung(contract.strike, contract.root, this.columns, rootShown);
      if (isWatched) this.markNew(rung);
    }
    if (!this.rungs.has(key)) {
      this.rungs.set(key, rung);
      rung.contracts = {};
    }
    rung.contracts[contract.type] = contract;
    this.byTicker.set(ticker, [rung, contract.type]);
  }

  markNew(rung) {
    this.newUntil.set(rung, performance.now() + NEW_MS);
    setTimeout(() => {
      this.newUntil.delete(rung);
      this.drawLevels();
    }, NEW_MS);
  }

  drawChanges(chain) {
    for (const ticker of chain.takeChanged()) {
      const [rung, side] = this.byTicker.get(ticker) ?? [];
      rung?.show(side, this.flashes);
    }
  }

  drawFoot(chain) {
    const strikes = new Set(this.ordered.map((rung) => rung.strike)).size;
    write(byId("ladder-foot"), `${count(chain.contracts.size)} contracts, ${count(strikes)} strikes, ${chain.expiration} · thick bar: gamma exposure, thin bar: open interest · shaded: in the money`);
  }

  // ---- levels and spot

  drawLevels() {
    if (!this.ordered.length) return;
    const levels = this.store.get("levels");
    const exposures = new Map(levelRows(levels, "gamma_by_strike").map(([strike, , , call, put]) => [strike, { call, put }]));
    const most = { gamma: 1, interest: 1 };
    for (const { call, put } of exposures.values()) most.gamma = Math.max(most.gamma, Math.abs(call), Math.abs(put));
    for (const contract of this.shown.contracts.values()) most.interest = Math.max(most.interest, contract.open_interest ?? 0);
    const marks = this.store.get("marks") ?? [];
    const tags = tagsOf(levels, this.ordered.map((rung) => rung.strike), marks);
    for (const rung of this.ordered) {
      const exposure = exposures.get(rung.strike);
      this.keepExposure(rung, exposure);
      rung.showBars(exposure, most);
      const fresh = this.newUntil.has(rung) ? [{ word: "new", kind: "new", side: "left" }] : [];
      rung.tag([...fresh, ...(tags.get(rung.strike) ?? [])]);
      mark(rung.row, "data-new", fresh.length ? "true" : null);
      mark(rung.row, "data-band", bandOver(rung.strike, marks)?.colour);
    }
    this.drawEdges();
  }

  drawEdges() {
    const top = this.scroll.scrollTop + this.head.offsetHeight;
    const bottom = this.scroll.scrollTop + this.scroll.clientHeight - this.edges.below.offsetHeight;
    const inSight = this.ordered.filter(({ row }) => row.offsetTop >= top && row.offsetTop + ROW_PX <= bottom);
    this.edges.draw(inSight.map(({ strike }) => strike), this.store.get("levels"));
  }

  /** The exposure column reads it of the contract, as all columns do. */
  keepExposure(rung, exposure) {
    for (const side of SIDES) {
      if (!rung.contracts[side]) continue;
      rung.contracts[side].exposure = exposure?.[side];
      rung.show(side, null);
    }
  }

  drawSpot() {
    if (!this.ordered.length) return;
    const spot = this.store.get("spot")?.latest?.spot ?? this.shown.spot;
    const nearest = this.ordered.reduce((best, rung) => (Math.abs(rung.strike - spot) < Math.abs(best.strike - spot) ? rung : best));
    for (const rung of this.ordered) rung.place(spot, rung.strike === nearest.strike);
    this.atm = nearest;
    const below = this.ordered.find((rung) => rung.strike <= spot);
    const here = below?.row ?? null;
    if (this.spotRow.nextSibling !== here) this.body.insertBefore(this.spotRow, here);
    write(this.spotText, `${this.shown.symbol} ${fixed(spot)}`);
    if (this.follows) this.scrollTo(this.spotRow);
  }

  // ---- moving about

  begin() {
    const { strike } = this.store.get("settings");
    if (strike) this.showStrike(strike);
    else this.centre(true);
  }

  centre(follows) {
    this.follows = follows;
    mark(byId("centre"), "aria-pressed", String(follows));
    if (!follows) return;
    if (this.store.get("settings").strike) this.store.patch("settings", { strike: null });
    this.pick(null);
    this.scrollTo(this.spotRow);
  }

  showStrike(strike) {
    if (this.shown?.symbol !== this.store.get("symbol")) {
      this.store.patch("settings", { strike }); // the chain is on its way; begin() goes there
      return undefined;
    }
    const rung = this.ordered.reduce((best, each) => (Math.abs(each.strike - strike) < Math.abs(best.strike - strike) ? each : best));
    this.follows = false;
    mark(byId("centre"), "aria-pressed", "false");
    this.store.patch("settings", { strike: rung.strike });
    this.pick(rung);
    this.scrollTo(rung.row);
    this.store.act("say", `Strike ${price(rung.strike)}`);
    return rung;
  }

  /** A strike's own figure picks its row where it stands. */
  clicked(head) {
    const rung = head && this.ordered.find((each) => each.head === head);
    if (!rung) return;
    this.follows = false;
    mark(byId("centre"), "aria-pressed", "false");
    this.store.patch("settings", { strike: rung.strike });
    this.pick(rung);
    this.store.act("say", `Strike ${price(rung.strike)}`);
  }

  pick(rung) {
    if (this.picked) mark(this.picked.row, "data-picked", null);
    this.picked = rung;
    if (rung) mark(rung.row, "data-picked", "true");
  }

  /** Rows have a fixed height, so that a place is known without laying anything out. */
  scrollTo(row) {
    const at = row.offsetTop - this.head.offsetHeight;
    const middle = at - (this.scroll.clientHeight - this.head.offsetHeight - row.offsetHeight) / 2;
    const whole = Math.round(middle / ROW_PX) * ROW_PX;
    const isBelow = whole > this.spotRow.offsetTop - this.head.offsetHeight;
    this.scroll.scrollTop = Math.max(0, whole + (isBelow ? SPOT_ROW_PX : 0));
  }

  drawSettings({ preset }) {
    for (const button of byId("presets").children) mark(button, "aria-pressed", String(button.dataset.preset === preset));
    if (this.columns || this.scroll.clientWidth) this.fit();
  }
}

function template({ call, put }, size) {
  const widths = (ids) => ids.map((id) => `minmax(0, ${COLUMNS[id].width}fr)`).join(" ");
  return `${widths(call)} ${BARS_WIDTH[size]}px ${STRIKE_WIDTH[size]}px ${BARS_WIDTH[size]}px ${widths(put)}`;
}
