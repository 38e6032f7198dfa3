/** Asks for the gateway's token where it wants one: once for all calls that are refused meanwhile, and again while it is a wrong one. */

import { byId, make } from "./dom.js";

let asking = null;
let declined = false;

/**
 * @param {boolean} again also when nobody gave one before
 * @returns {Promise<boolean>} whether there is a session now
 */
export function logIn(again) {
  if (declined && !again) return Promise.resolve(false);
  asking ??= ask().finally(() => { asking = null; });
  return asking;
}

async function ask() {
  const wasDeclined = declined;
  let words = "This gateway asks for its token";
  for (;;) {
    const token = await tokenFrom(words);
    declined = !token;
    if (declined) return false;
    const answer = await begin(token);
    if (answer.ok && wasDeclined) return beginAnew();
    if (answer.ok) return true;
    words = answer.status === 401 ? "That is not its token" : `No session could be begun: HTTP ${answer.status}`;
  }
}

/** What was refused when the dialog was declined is not asked for again by itself; nor does this page ask for anything any more. */
function beginAnew() {
  location.reload();
  return new Promise(() => {});
}

const begin = (token) => fetch("/api/v1/session", {
  method: "POST",
  headers: { Accept: "application/json", "Content-Type": "application/json" },
  body: JSON.stringify({ token }),
});

/** What somebody enters; empty when the dialog is left. */
function tokenFrom(words) {
  const dialog = byId("token-dialog");
  const field = make("input", { type: "password", autocomplete: "off", "aria-label": "Token", required: true });
  const form = make("form", { method: "dialog" }, make("h2", { id: "token-title" }, words), field, make("button", {}, "Go on"));
  dialog.replaceChildren(form);
  dialog.returnValue = "";
  dialog.oncancel = () => { field.value = ""; };
  dialog.showModal();
  return new Promise((done) => { dialog.onclose = () => done(field.value); });
}
