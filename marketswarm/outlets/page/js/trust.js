/** Judges each symbol's freshness several times a second and shows it: the pills, the band, the strip and the title. */

import { nowMs } from "./clock.js";
import { byId, make, mark, write } from "./dom.js";
import { clockTime, duration, fixed } from "./format.js";
import { judge, provenance } from "./freshness.js";

export const LOOK_MS = 200;
const narrow = matchMedia("(max-width: 759.9px)");

export function mount(store) {
  const view = { pills: byId("pills"), band: byId("band"), strip: byId("source-strip"), said: byId("said"), pulse: byId("pulse") };
  const look = () => show(store, view);
  setInterval(look, LOOK_MS);
  store.on("say", (text) => write(view.said, text));
  look();
}

/** How a symbol stands, as the page sees it. */
export function verdict(store, symbol) {
  const [feed, status] = [store.get("feed"), store.get("status")];
  const heard = feed.entries.get(symbol);
  const now = performance.now();
  return judge(
    { connection: feed.connection, reason: feed.reason, lost_ms: nowMs() - feed.since_ms },
    status?.symbols?.[symbol],
    heard === undefined ? undefined : now - heard,
    status ? now - status.heard_ms : Infinity,
  );
}

function show(store, view) {
  const symbol = store.get("symbol");
  if (!symbol) return;
  const told = store.get("status")?.symbols?.[symbol];
  const [source, chain] = [store.get("status")?.source ?? store.get("chain")?.source, store.get("chain")];
  const origin = provenance(source, told?.delayed ?? chain?.delayed);
  const state = verdict(store, symbol);
  showStrip(view.strip, origin);
  showPills(view.pills, origin, state, store.get("settings").paused);
  showPulse(view.pulse, state, store.get("feed").entries.get(symbol));
  showBand(view.band, state, store.get("settings"));
  sayOnce(view, symbol, state);
  document.title = titleOf(symbol, store.get("spot")?.latest?.spot, origin, state);
}

function showStrip(strip, origin) {
  strip.hidden = !origin;
  if (!origin) return;
  mark(strip, "data-tone", origin.tone);
  write(strip, origin.sentence);
}

function showPills(pills, origin, state, isPaused) {
  const wanted = [];
  if (origin) wanted.push([origin.word, origin.tone, origin.sentence]);
  if (!origin || state.word !== "LIVE") wanted.push([wordOf(state), state.tone, state.sentence]);
  if (isPaused) wanted.push(["PAUSED", "warn", "The view stands still; data goes on."]);
  while (pills.children.length > wanted.length) pills.lastChild.remove();
  while (pills.children.length < wanted.length) pills.append(make("span", { class: "pill" }));
  wanted.forEach(([word, tone, sentence], at) => {
    const pill = pills.children[at];
    write(pill, word);
    mark(pill, "data-tone", tone);
    mark(pill, "title", sentence);
  });
}

/** That it moves, and since when it last did: what a picture of the page cannot show. */
function showPulse(pulse, state, heard) {
  const isLive = state.word === "LIVE";
  mark(pulse, "data-tone", isLive ? "ok" : null);
  const words = narrow.matches ? ["live,", "changed"] : ["updating,", "last change"];
  write(pulse, heard === undefined ? "" : `${words[isLive ? 0 : 1]} ${duration(performance.now() - heard)} ago`);
}

const wordOf = ({ word, age_ms }) => (age_ms === undefined ? word : `${word} ${duration(age_ms)}`);

function showBand(band, state, settings) {
  const text = state.tone === "bad" || state.word === "LOADING" ? state.sentence : settings.paused ? pausedText(settings) : "";
  band.hidden = !text;
  if (!text) return;
  mark(band, "data-tone", state.tone === "ok" ? "warn" : state.tone);
  write(band, text);
}

const pausedText = ({ paused_ms }) => `Paused: the view stands still since ${clockTime(paused_ms)} New York. Data goes on; press p to go on.`;

/** Those who listen hear a change of state once, not its age each second. */
function sayOnce(view, symbol, state) {
  const key = `${symbol} ${state.word}`;
  if (view.last === key) return;
  if (view.last) write(view.said, `${symbol}: ${state.sentence}`);
  view.last = key;
}

function titleOf(symbol, spot, origin, state) {
  const marks = [origin?.word, state.word === "LIVE" ? null : state.word].filter(Boolean);
  return [...marks, `${symbol} ${fixed(spot)}`.trim(), "MarketSwarm"].join(" · ");
}
