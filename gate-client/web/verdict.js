// @ts-check
// The verdict: one colour, one icon, one word, one sentence.

import { word } from "./words.js";

/** @typedef {import("./words.js").Language} Language */
/** @typedef {import("./gate.js").Said} Said */

const LINE = 'fill="none" stroke="currentColor" stroke-width="9" stroke-linecap="round" stroke-linejoin="round"';
/** @param {string} inside */
const svg = (inside) => `<svg viewBox="0 0 100 100" aria-hidden="true"><g ${LINE}>${inside}</g></svg>`;

/** @type {Record<string, string>} */
const ICONS = {
  admit: svg('<circle cx="50" cy="50" r="43"/><path d="M28 52 44 68 74 34"/>'),
  exit: svg('<path d="M58 10H90V90H58"/><path d="M70 50H12M34 26 10 50 34 74"/>'),
  review: svg('<path d="M50 8 96 90H4Z"/><path d="M39 44c0-16 24-15 23-1 0 9-12 9-12 19"/><path d="M50 76v.5"/>'),
  deny: svg('<path d="M31 5H69L95 31V69L69 95H31L5 69V31Z"/><path d="M33 33 67 67M67 33 33 67"/>'),
  again: svg('<path d="M84 30A40 40 0 1 0 90 56"/><path d="M88 8V32H64"/>'),
  gone: svg('<path d="M50 6V48"/><path d="M29 18A40 40 0 1 0 71 18"/>'),
  ready: svg('<path d="M8 30V8H30M70 8H92V30M92 70V92H70M30 92H8V70"/>'),
};

/** @param {string} outcome */
export const icon = (outcome) => ICONS[outcome] ?? ICONS.ready;

/** @param {string} id */
const part = (id) => /** @type {HTMLElement} */ (document.getElementById(id));

/**
 * Shows a verdict, or a scan that didn't get through.
 * @param {Said} said @param {Language} language
 */
export function show(said, language) {
  const outcome = outcomeOf(said);
  paint(outcome, word(outcome, language));
  part("sentence").textContent = said[`sentence_${language}`] ?? "";
  part("facts").textContent = factsOf(said, language);
}

/** @param {boolean} scansOut @param {Language} language @param {boolean} started */
export function rest(scansOut, language, started) {
  paint("ready", word(started ? (scansOut ? "ready_exit" : "ready") : "starting", language));
  part("sentence").textContent = "";
  part("facts").textContent = "";
}

/** The gate behind the page doesn't answer. @param {Language} language */
export function gone(language) {
  paint("gone", word("stopped", language));
  part("sentence").textContent = word("gone", language);
  part("facts").textContent = "";
}

/** @param {Said} said */
export const outcomeOf = (said) => (said.kind === "problem" ? "again" : String(said.outcome));

/** @param {string} outcome @param {string} text */
function paint(outcome, text) {
  document.documentElement.dataset.outcome = outcome;
  part("icon").innerHTML = icon(outcome);
  const large = part("word");
  large.textContent = text;
  squeeze(large);
}

/** A word keeps its height and gets narrower where the screen is. @param {HTMLElement} large */
function squeeze(large) {
  large.style.transform = "";
  large.style.marginInline = "";
  const room = large.parentElement?.clientWidth ?? 0;
  const wide = large.offsetWidth;
  if (room === 0 || wide <= room) return;
  large.style.transform = `scaleX(${room / wide})`;
  // It takes the room that it had before all the same.
  large.style.marginInline = `${(room - wide) / 2}px`;
}

addEventListener("resize", () => squeeze(part("word")));

/** Type, and what the rule counts. @param {Said} said @param {Language} language */
function factsOf(said, language) {
  const parts = [];
  if (said.type) parts.push(said.type[language] || said.type.ja || said.type.en);
  const serial = said.facts?.serial;
  if (serial !== undefined) parts.push(`#${serial}`);
  return parts.join("  ");
}
