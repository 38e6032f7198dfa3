/** When something was told: how long ago, and on demand the time in New York. */

import { make, write } from "./dom.js";
import { duration } from "./format.js";

export const AGES_MS = 5_000;

export const when = (ts) => make("time", { datetime: new Date(ts).toISOString(), "data-explain": `time:${ts}` });

/** Brings its words up to date. */
export const grow = (time, ts, now) => write(time, `${duration(now - ts)} ago`);
