// @ts-check
// The gate's page: what the gate says is shown, what staff do is said to the gate.

import { button, fill, heardOf, offer } from "./actions.js";
import { follow, line, scan } from "./gate.js";
import { listen } from "./keys.js";
import { signal } from "./signals.js";
import { showStatus } from "./status.js";
import { gone, outcomeOf, rest, show } from "./verdict.js";
import { choose, chosen, word } from "./words.js";

/** @typedef {import("./gate.js").Said} Said */

/** A green screen clears by itself, in milliseconds. */
const CLEAR = 1200;
/** A message stays so long, in milliseconds. */
const NOTICE = 5000;
/** So many scans are listed. */
const LISTED = 30;

let language = chosen();
/** Whether the gate answers, once it was asked. @type {boolean | undefined} */
let here;
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

/** What is painted, so that nothing is painted twice. @type {unknown[]} */
let painted = [];

function paint() {
  const now = [here, shown, scansOut, status !== undefined, language];
  // A button that is made anew while a finger is on it does nothing, and a text that is set again is read out again.
  if (now.some((it, i) => it !== painted[i])) {
    painted = now;
    document.documentElement.lang = language;
    if (here === false) gone(language);
    else if (shown) show(shown, language);
    else rest(scansOut, language, status !== undefined);
    part("actions").replaceChildren(...(shown ? offer(shown, language, clear) : []));
  }
  const menu = part("menu-button");
  menu.textContent = word("menu", language);
  showStatus(status, language, battery);
}

function clear() {
  clearTimeout(clearing);
  shown = undefined;
  paint();
}

/** @param {Said} said @param {boolean} anew */
function hear(said, anew) {
  if (!anew && said.code) heardOf(said);
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
      putAway();
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

/** A guest stands there: what was open was about somebody else. */
function putAway() {
  for (const id of ["drawer", "ask"]) dialogOf(id).close();
}

/** @param {string} id */
const dialogOf = (id) => /** @type {HTMLDialogElement} */ (part(id));

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
  const dialog = dialogOf("ask");
  if (said.hits.length === 0) return dialog.close();
  const heading = document.createElement("h2");
  heading.id = "ask-title";
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
  const menu = dialogOf("drawer");
  const other = () => {
    language = language === "ja" ? "en" : "ja";
    choose(language);
    paint();
    drawer();
  };
  fill(menu, language, { scansOut, status, history }, { close: () => menu.close(), language: other });
  if (!menu.open) menu.showModal();
  /** @type {HTMLElement | null} */ (menu.querySelector("button"))?.focus();
}

part("menu-button").addEventListener("click", drawer);
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

setInterval(() => showStatus(status, language, battery), 10_000);
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
