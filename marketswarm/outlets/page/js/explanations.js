/**
 * What stands behind a number: what it means, how it was found, in which unit, how old, from how much of the chain, by whose signs.
 * Pure. Keys: a level's name (`flip`), `contract:<strike>:<root>:<call or put>:<column>`, `annotation:<id>`,
 * `time:<ms>`, `health:<column>`, with `:<symbol>` for one of them. Several are joined by `|`: the first is explained, the others named.
 */

import { COLUMNS } from "./columns.js";
import { clockTime, dayName, dollars, duration, fixed, isNumber, percent, price } from "./format.js";
import { healthOf } from "./health_words.js";
import { level, whyAbsent } from "./levels.js";

/** @typedef {{title: string, text: string, rows: [string, string][], as_of?: number}} Explanation */

/** Level → its name and what it is good for, for one who has not heard of it. */
const LEVELS = {
  spot: ["Spot", "The underlying's price, once every ten seconds."],
  flip: ["Gamma flip", "Where the gamma model changes its sign. On the positive side hedging works against moves, on the negative side with them."],
  call_wall: ["Call wall", "The strike at spot or above with most positive gamma. Hedging there is heaviest, so that spot often slows near it."],
  put_wall: ["Put wall", "The strike at spot or below with most negative gamma."],
  net_gamma: ["Net gamma", "What all holders of the other side would have to hedge when spot moves by 1 %, calls less puts."],
  live_net_gamma: ["Net gamma with volume", "The same with half of today's volume counted as if it were open interest: a guess, for nobody knows what was opened."],
  gamma_by_strike: ["Gamma by strike", "What each strike adds to net gamma now."],
  gamma_profile: ["Gamma profile", "Net gamma as it would be, were spot elsewhere."],
  regime: ["Gamma regime", "Net over gross gamma at spot: above 0.10 it is called positive, below −0.10 negative."],
  move_left: ["Expected move from here", "How far from where it is now options let spot go until settlement. The price of call and put at the forward."],
  move_open: ["Expected move of the day, from the open", "The same as it was a minute after the open, around spot of then: the measure of the day. What is left of it from here is smaller."],
  volatility: ["Volatility at the money", "What options at the forward price as yearly fluctuation."],
  smile: ["Smile", "Volatility over strikes, fitted: its level, its slope a sigma (skew) and its bend. Calls less puts compares the two of 25 delta."],
  max_pain: ["Max pain", "The strike at which all holders together are paid least."],
  heaviest: ["Heaviest strike", "The strike with most gamma, calls and puts added."],
  realised: ["Realised volatility", "How much spot has fluctuated in the last hour, by the year of 252 sessions; what options price is stated by the same year."],
  forward: ["Forward", "The price that calls and puts agree on for settlement."],
  sigma: ["Sigma", "One standard deviation to settlement."],
};

const SIGNS = { naive: "naive: dealers are long calls and short puts. Nobody outside knows who holds what" };
const WEIGHINGS = { "open-interest": "open interest", "open-interest+volume/2": "open interest and half of today's volume" };

/** The same of a session that was first seen after its open. */
const SINCE_START = ["Expected move since the start", "The same as it was when this session was first seen, which was after its open, around spot of then."];

/**
 * @param {string} key
 * @param {object} store
 * @returns {Explanation | null}
 */
export function explain(key, store) {
  const [first, ...others] = key.split("|");
  const told = explainOne(first, store);
  const also = others.map((other) => explainOne(other, store)).filter(Boolean);
  return told && { ...told, rows: [...told.rows, ...also.map(({ title }) => ["Also here", title])] };
}

function explainOne(key, store) {
  const [kind, ...rest] = key.split(":");
  if (kind === "contract") return ofContract(store, rest);
  if (kind === "annotation") return ofAnnotation(store, rest.join(":"));
  if (kind === "time") return { title: `${clockTime(Number(rest[0]))} New York`, text: "", rows: [], as_of: Number(rest[0]) };
  if (kind === "health") return healthOf(store, rest);
  return ofLevel(store, key);
}

function ofLevel(store, name) {
  const levels = store.get("levels");
  const field = level(levels, name);
  const words = field?.since_open === false ? SINCE_START : LEVELS[name];
  const [title, text] = words ?? [name.replaceAll("_", " "), ""];
  if (name === "spot") return ofSpot(store, title, text);
  if (!field) return { title, text, rows: [["Known", "not yet"]] };
  const rows = [
    ["absent" in field && "Absent because", field.absent && whyAbsent(levels, name).replaceAll("-", " ")],
    ["Method", field.method],
    ["Unit", field.unit],
    ["Coverage", typeof field.coverage === "number" && `${percent(field.coverage, 0)} of open interest`],
    ["Signs", SIGNS[field.sign_model] ?? field.sign_model],
    ["Weighed by", WEIGHINGS[field.weighing] ?? field.weighing],
    ["Open interest of", field.open_interest_date && dayName(field.open_interest_date)],
    ["Expiration", field.expiration && `${dayName(field.expiration)}, the one in force alone`],
    ["Degraded", field.degraded && String(field.degraded).replaceAll("-", " ")],
  ];
  return { title, text, rows: rows.filter(([label, told]) => label && told), as_of: field.as_of };
}

const DOLLARS = /^USD/;

/** A level's value in its unit, where one number says it. */
function valueText({ value, unit }) {
  const told = isNumber(value) ? value : value?.strike ?? value?.volatility;
  if (!isNumber(told)) return "";
  if (DOLLARS.test(unit)) return dollars(told, { sign: true });
  return unit.startsWith("fraction") ? percent(told, 2) : unit === "points" ? price(told, 2) : fixed(told, 3);
}

function ofSpot(store, title, text) {
  const latest = store.get("spot")?.latest;
  if (!latest) return { title, text, rows: [["Known", "not yet"]] };
  const rows = [
    ["Value", fixed(latest.spot)],
    ["Method", latest.method ?? "heartbeat: one reading of the provider a slot"],
    ["Unit", "points"],
    ["Source", latest.source],
    ["Delayed", latest.delayed ? "yes, as the provider says" : ""],
    ["Slot", `${clockTime(latest.ts)} New York`],
  ];
  return { title, text, rows: rows.filter(([, told]) => told), as_of: latest.as_of ?? latest.ts };
}

const SECTIONS = { bid: "quote", ask: "quote", mid: "quote", last: "trade", volume: "day", iv: "greeks", delta: "greeks", gamma: "greeks", theta: "greeks", vega: "greeks" };
const UNITS = {
  volume: "contracts, this session", oi: "contracts, counted once a day before the open", iv: "fraction a year, shown in percent", delta: "of the underlying, a share",
  gamma: "delta a point", theta: "price a calendar day", vega: "price a volatility point", exposure: "USD per 1 % move",
};
const GREEKS = "Black-76 on the forward of put-call parity, volatility from the quote's mid, minutes to settlement";

function ofContract(store, [strike, root, type, column]) {
  const contracts = [...(store.get("chain")?.contracts.values() ?? [])];
  const contract = contracts.find((one) => one.strike === Number(strike) && one.root === root && one.type === type);
  const told = COLUMNS[column];
  if (!contract || !told) return null;
  const section = contract[SECTIONS[column]];
  const value = told.read(contract);
  const rows = [
    ["Value", value === undefined ? "unknown" : told.show(value)],
    ["Absent because", value === undefined && section?.absent?.replaceAll("-", " ")],
    ["Method", methodOf(column, section)],
    ["Unit", UNITS[column] ?? "points, a share"],
    ["Bid and ask size", column === "bid" || column === "ask" ? sizes(section) : ""],
  ];
  const title = `${price(contract.strike)} ${contract.type}: ${told.name}`;
  return { title, text: "", rows: rows.filter(([, text]) => text), as_of: column === "exposure" ? level(store.get("levels"), "gamma_by_strike")?.as_of : section?.ts };
}

function methodOf(column, section) {
  if (column === "exposure") return "gamma × contracts × multiplier × spot² × 0.01";
  if (SECTIONS[column] !== "greeks") return column === "mid" ? "half of bid and ask" : "as the provider states it";
  return section?.source === "provider" ? "as the provider states it" : GREEKS;
}

const sizes = (quote) => (quote?.bid_size === undefined ? "" : `${quote.bid_size} and ${quote.ask_size}`);

function ofAnnotation(store, id) {
  const note = (store.get("marks") ?? []).find((one) => one.id === id);
  if (!note) return null;
  const cause = (store.get("events") ?? []).find((event) => event.id === note.source_event);
  const rows = [
    ["Since", `${clockTime(note.from_ts)} New York`],
    ["Until", note.until_ts ? `${clockTime(note.until_ts)} New York` : "it is over"],
    ["Because", cause?.title],
    ["State", note.state],
  ];
  return { title: note.label, text: "Vexy marks this place.", rows: rows.filter(([, told]) => told), as_of: note.from_ts };
}

/** `3 s old, of 10:42:31`. */
export const ageText = (as_of, now) => `${duration(now - as_of)} old, of ${clockTime(as_of)} New York`;
