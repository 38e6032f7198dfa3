/** Calls of the gateway's REST. A refusal is thrown as what the gateway says of it. */

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

async function call(method, path, query, body) {
  const asked = new URLSearchParams(Object.entries(query).filter(([, value]) => value !== undefined));
  const address = ROOT + path + (asked.size ? `?${asked}` : "");
  const options = { method, headers: { Accept: "application/json" }, cache: "no-store", signal: AbortSignal.timeout(15_000) };
  if (body !== undefined) {
    options.body = JSON.stringify(body);
    options.headers["Content-Type"] = "application/json";
  }
  const answer = await fetch(address, options);
  const document = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Refused(answer.status, document.error ?? "failed", document.reason ?? `HTTP ${answer.status}`);
  return document;
}

/** Calls until it succeeds, waiting longer each time, as long as `wanted` says so. */
export async function untilAnswered(ask, wanted = () => true) {
  for (let wait = 500; wanted(); wait = Math.min(wait * 2, 8_000)) {
    try {
      return await ask();
    } catch (problem) {
      if (problem instanceof Refused && problem.status < 500 && problem.status !== 404) throw problem;
      await pause(wait);
    }
  }
  return null;
}

export const pause = (ms) => new Promise((done) => setTimeout(done, ms));
