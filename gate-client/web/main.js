// @ts-check
// The gate's page: what the gate says is shown, what staff do is said to the gate.

import { button, fill, heardOf, offer } from "./actions.js";
import { follow, line, scan } from "./gate.js";
import { listen } from "./keys.js";
import { signal } from "./signals.js";
import { showStatus } from "./status.js";
import { outcomeOf, rest, show } from "./verdict.js";
import { choose, chosen, word } from "./words.js";

/** @typedef {import("./gate.js").Said} Said */

/** A green screen clears by itself, in milliseconds. */
const CLEAR = 1200;
/** A message stays so long, in milliseconds. */
const NOTICE = 5000;
/** So many scans are listed. */
const LISTED = 30;

let language = chosen();
let here = false;
let scansOut = false;
/** @type {Said | undefined} */
let status;
/** @type {Said | undefined} */
let shown;
/** @type {number | undefined} */
let battery;
/** @type {{ at: Date, said: Said, outcome: string }[]} */
const history = [];
let clearing = 0;
let hushing = 0;

/** @param {string} id */
const part = (id) => /** @type {HTMLElement} */ (document.getElementById(id));

function paint() {
  document.documentElement.lang = language;
  if (shown) show(shown, language);
  else rest(scansOut, language, status !== undefined);
  part("actions").replaceChildren(...(shown ? offer(shown, language, clear) : []));
  const menu = part("menu-button");
  menu.textContent = word("menu", language);
  showStatus(status, language, here, battery);
}

function clear() {
  clearTimeout(clearing);
  shown = undefined;
  paint();
}

/** @param {Said} said @param {boolean} anew */
function hear(said, anew) {
  if (!anew && said.code) heardOf(said.code);
  switch (said.kind) {
    case "status":
      status = said;
      scansOut = said.direction === "exit";
      break;
    case "verdict":
    case "problem": {
      // What was on the screen before this page was opened is over.
      if (anew) break;
      clearTimeout(clearing);
      shown = said;
      const outcome = outcomeOf(said);
      history.unshift({ at: new Date(), said, outcome });
      history.length = Math.min(history.length, LISTED);
      signal(outcome);
      if (outcome === "admit" || outcome === "exit") clearing = setTimeout(clear, CLEAR);
      break;
    }
    case "found":
      pick(said);
      break;
    case "notice":
      if (!anew) tell(said[`sentence_${language}`]);
      break;
  }
  paint();
}

/** @param {string} text */
function tell(text) {
  const notice = part("notice");
  notice.textContent = text;
  notice.hidden = false;
  clearTimeout(hushing);
  hushing = setTimeout(() => (notice.hidden = true), NOTICE);
}

/** Tickets that were looked up. @param {Said} said */
function pick(said) {
  const dialog = /** @type {HTMLDialogElement} */ (part("ask"));
  if (said.hits.length === 0) return dialog.close();
  const heading = document.createElement("h2");
  heading.textContent = word("search", language);
  const hits = said.hits.map((/** @type {any} */ hit) =>
    button(`#${hit.serial} ${hit.name ?? ""} ${hit[`sentence_${language}`]}`, () => {
      dialog.close();
      void line(`admit ${hit.number}`);
    }));
  dialog.replaceChildren(heading, ...hits, button(word("close", language), () => dialog.close(), "main"));
  if (!dialog.open) dialog.showModal();
}

function drawer() {
  const aside = part("drawer");
  const close = () => {
    aside.hidden = true;
    part("menu-button").setAttribute("aria-expanded", "false");
    part("menu-button").focus();
  };
  const other = () => {
    language = language === "ja" ? "en" : "ja";
    choose(language);
    paint();
    drawer();
  };
  fill(aside, language, { scansOut, status, history }, { close, language: other });
  aside.hidden = false;
  part("menu-button").setAttribute("aria-expanded", "true");
  /** @type {HTMLElement | null} */ (aside.querySelector("button"))?.focus();
}

part("menu-button").addEventListener("click", drawer);
addEventListener("keydown", (event) => {
  if (event.key === "Escape" && !part("drawer").hidden) part("drawer").hidden = true;
});
listen((text) => void scan(text));

// @ts-ignore: not every browser tells it
navigator.getBattery?.().then((/** @type {any} */ it) => {
  const read = () => {
    battery = it.charging ? undefined : Math.round(it.level * 100);
    paint();
  };
  it.addEventListener("levelchange", read);
  it.addEventListener("chargingchange", read);
  read();
});

setInterval(() => showStatus(status, language, here, battery), 10_000);
paint();
void follow({
  said: hear,
  here: (is) => {
    if (here === is) return;
    here = is;
    if (!is) shown = undefined;
    paint();
  },
});
