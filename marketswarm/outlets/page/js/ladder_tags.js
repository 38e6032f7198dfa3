/** Which strikes of the ladder carry a level's name. */

import { number, rows } from "./levels.js";
import { shortOf } from "./short_names.js";

const NAMES = {
  heaviest: "key", call_peak: "call peak", put_peak: "put peak", max_pain: "max pain",
};

/** What Vexy calls a level that is named otherwise here. */
const OWN = { key: "heaviest strike" };
const FULL = { key: "heaviest strike: most gamma, calls and puts added" };

/** strike → tags; a level, or a mark of Vexy, between two strikes stands at the nearer one. */
export function tagsOf(levels, strikes, marks = []) {
  const tags = new Map();
  const put = (at, tag) => {
    const strike = nearest(strikes, at);
    if (strike === undefined) return;
    const there = tags.get(strike) ?? [];
    if (!there.some((each) => each.word === tag.word)) tags.set(strike, [...there, tag]);
  };
  const [call, puts, flip] = [number(levels, "call_wall", "strike"), number(levels, "put_wall", "strike"), number(levels, "flip")];
  put(call, { word: "call wall", kind: "call-wall", side: "right" });
  put(puts, { word: "put wall", kind: "put-wall", side: "right" });
  put(flip, { word: "flip", kind: "flip", side: "right" });
  for (const each of rows(levels, "key_strikes")) {
    const word = NAMES[each?.name];
    if (word && each.strike !== call && each.strike !== puts) put(each.strike, { word, full: FULL[word], kind: "key", side: "left" });
  }
  for (const mark of marks.filter(({ widget, target }) => widget === "ladder" && target.type === "strike")) {
    const word = wordOf(mark, tags.get(nearest(strikes, mark.target.strike)) ?? []);
    if (word) put(mark.target.strike, { word, full: mark.label, kind: `note-${mark.colour}`, side: "left" });
  }
  return tags;
}

/** A mark's label without what the row says already: its price, and the name of a level that stands there. */
function wordOf({ label }, tags) {
  const word = label.replace(/\s[\d,.]*\d/g, "");
  const own = tags.map((tag) => OWN[tag.word] ?? tag.word).find((name) => word.toLowerCase().startsWith(name));
  return own ? word.slice(own.length).trim() : shortOf(word);
}

/** The mark of Vexy within whose band a strike lies. */
export function bandOver(strike, marks = []) {
  return marks.find(({ widget, target }) => widget === "ladder" && target.type === "band" && strike >= target.low && strike <= target.high);
}

function nearest(strikes, at) {
  if (at === undefined || !strikes.length) return undefined;
  const found = strikes.reduce((best, strike) => (Math.abs(strike - at) < Math.abs(best - at) ? strike : best));
  const step = strikes.length > 1 ? Math.abs(strikes[0] - strikes[1]) : 1;
  return Math.abs(found - at) <= step * 2 ? found : undefined;
}
