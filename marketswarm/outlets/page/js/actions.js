/** The buttons: refresh with its progress, pause, CSV, detail level, colours. */

import { getJson, pause, postJson } from "./api.js";
import { nowMs } from "./clock.js";
import { chainCsv } from "./csv.js";
import { byId, make, mark, write } from "./dom.js";
import { count, percent } from "./format.js";

const THEMES = { auto: "Auto", light: "Light", dark: "Dark" };
const DETAILS = ["beginner", "initiated", "professional"];
const POLL_MS = 400;
const TOAST_MS = 6_000;

export function mount(store) {
  byId("refresh").addEventListener("click", () => refresh(store));
  byId("pause").addEventListener("click", () => togglePause(store));
  byId("download").addEventListener("click", () => download(store));
  byId("theme").addEventListener("click", () => nextTheme(store));
  store.on("refresh", () => refresh(store));
  store.on("pause", () => togglePause(store));
  store.on("theme", () => nextTheme(store));
  store.on("detail", () => nextDetail(store));
  store.on("toast", toast);
  store.subscribe("settings", draw);
}

function draw({ paused, theme, detail }) {
  mark(byId("pause"), "aria-pressed", String(paused));
  write(byId("pause"), paused ? "Go on" : "Pause");
  document.documentElement.dataset.theme = theme;
  write(byId("theme-word"), THEMES[theme] ?? THEMES.auto);
  localStorage.setItem("theme", theme);
  localStorage.setItem("detail", detail);
}

function togglePause(store) {
  const paused = !store.get("settings").paused;
  store.patch("settings", { paused, paused_ms: nowMs() });
  store.act("say", paused ? "The view is paused; data goes on." : "The view goes on.");
}

function nextTheme(store) {
  const names = Object.keys(THEMES);
  store.patch("settings", { theme: names[(names.indexOf(store.get("settings").theme) + 1) % names.length] });
}

function nextDetail(store) {
  const detail = DETAILS[(DETAILS.indexOf(store.get("settings").detail) + 1) % DETAILS.length];
  store.patch("settings", { detail });
  store.act("say", `Detail level ${detail}.`);
}

async function refresh(store) {
  const [button, symbol] = [byId("refresh"), store.get("symbol")];
  if (button.disabled || !symbol) return;
  button.disabled = true;
  try {
    const { task_id } = await postJson(`refresh/${symbol}`);
    const told = await follow(button, task_id);
    if (told.error) finish(store, button, "Failed", `${symbol}: refresh failed, ${told.error}`);
    else finish(store, button, "Done", doneText(symbol, told.result));
  } catch (problem) {
    finish(store, button, "Failed", `${symbol}: not refreshed, ${problem.message}`);
  }
}

async function follow(button, task) {
  for (;;) {
    const told = await getJson(`tasks/${task}`);
    if (["SUCCESS", "FAILURE", "REVOKED"].includes(told.state)) return told.state === "SUCCESS" ? told : { error: told.error ?? told.state.toLowerCase() };
    showProgress(button, told.progress);
    await pause(POLL_MS);
  }
}

function showProgress(button, progress) {
  const share = progress?.total ? progress.done / progress.total : 0;
  button.style.setProperty("--done", `${Math.round(share * 100)}%`);
  write(button, progress?.step ? `${progress.step} ${percent(share, 0)}` : "Waiting …");
}

/** A reload that met another one has done nothing itself. */
function doneText(symbol, result) {
  if (result?.state === "joined") return `${symbol}: a load was under way already, and brings the same`;
  return `${symbol}: loaded${result?.contracts ? `, ${count(result.contracts)} contracts` : ""}`;
}

async function finish(store, button, word, text) {
  button.style.removeProperty("--done");
  write(button, word);
  mark(button, "title", text);
  store.act("say", text);
  store.act("toast", text);
  await pause(1_500);
  write(button, "Refresh");
  button.disabled = false;
}

let gone = 0;

/** What somebody has asked for has come out like this: seen for some seconds, whoever hears the page is told it otherwise. */
function toast(text) {
  const element = byId("toast");
  write(element, text);
  element.hidden = false;
  clearTimeout(gone);
  gone = setTimeout(() => { element.hidden = true; }, TOAST_MS);
}

function download(store) {
  const chain = store.get("chain");
  if (!chain) return;
  const stamp = new Date(nowMs()).toISOString().replace(/[-:]|\.\d+/g, "");
  const address = URL.createObjectURL(new Blob([chainCsv(chain)], { type: "text/csv" }));
  const link = make("a", { href: address, download: `${chain.symbol}-${chain.expiration}-${stamp}.csv` });
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 1_000);
}
