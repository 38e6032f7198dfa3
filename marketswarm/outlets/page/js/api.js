/** Calls of the gateway's REST. A refusal is thrown as what the gateway says of it. */

import { learn } from "./clock.js";
import { takeEarly } from "./early.js";
import { logIn } from "./login.js";

export class Refused extends Error {
  constructor(status, kind, reason) {
    super(reason);
    this.status = status;
    this.kind = kind;
  }
}

const ROOT = "/api/v1/";

export const getJson = (path, query = {}) => call("GET", path, query);
export const postJson = (path, body = {}) => call("POST", path, {}, body);

async function call(method, path, query, body, isAgain = false) {
  const wanted = new URLSearchParams(Object.entries(query).filter(([, value]) => value !== undefined));
  const address = ROOT + path + (wanted.size ? `?${wanted}` : "");
  const options = { method, headers: { Accept: "application/json" }, cache: "no-store", signal: AbortSignal.timeout(15_000) };
  if (body !== undefined) {
    options.body = JSON.stringify(body);
    options.headers["Content-Type"] = "application/json";
  }
  const asked = Date.now();
  const early = method === "GET" ? takeEarly(address) : undefined;
  const answer = await (early?.answer ?? fetch(address, options));
  if (answer.status === 401) {
    if (!isAgain && (await logIn(method === "POST"))) return call(method, path, query, body, true);
    throw new Refused(401, "token-needed", "the gateway's token is needed; Refresh asks for it");
  }
  const document = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Refused(answer.status, document.error ?? "failed", document.reason ?? `HTTP ${answer.status}`);
  if (!early) learn(document.now_ms, asked); // an early answer may have waited here, and says nothing of now
  return document;
}

/** Calls until it succeeds, waiting longer each time, as long as `wanted` says so. */
export async function untilAnswered(ask, wanted = () => true) {
  for (let wait = 500; wanted(); wait = Math.min(wait * 2, 8_000)) {
    try {
      return await ask();
    } catch (problem) {
      if (problem instanceof Refused && isFinal(problem)) throw problem;
      await pause(wait);
    }
  }
  return null;
}

/** A chain that is not loaded yet is not there yet; all else that is refused will be refused again. */
const isFinal = ({ status, kind }) => status < 500 && !(status === 404 && kind !== "unknown-symbol");

export const pause = (ms) => new Promise((done) => setTimeout(done, ms));
