/** Asks for what the page shows first while its other modules are still on their way. Imports nothing, so that it runs at once. */

const ROOT = "/api/v1/";
const asked = new Map();

function ask(path) {
  const sent = Date.now();
  const answer = fetch(ROOT + path, { headers: { Accept: "application/json" }, cache: "no-store" });
  answer.catch(() => {}); // whoever takes it hears of it
  asked.set(ROOT + path, { answer, sent });
}

/** The answer to an address that was asked early, once; undefined when it was not. */
export function takeEarly(address) {
  const found = asked.get(address);
  asked.delete(address);
  return found;
}

const symbol = new URLSearchParams(location.search).get("symbol") ?? localStorage.getItem("symbol");
ask("status");
if (/^[A-Z][A-Z0-9.]{0,9}$/.test(symbol ?? "")) ask(`chain/${symbol}`);
