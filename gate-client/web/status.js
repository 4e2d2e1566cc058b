// @ts-check
// The quiet line at the edge: it grows only where somebody must act.

import { word } from "./words.js";

/** @typedef {import("./words.js").Language} Language */
/** @typedef {import("./gate.js").Said} Said */

/** As it is where the event is. @param {Date} at @param {string | null | undefined} zone @param {Language} language */
export const time = (at, zone, language) =>
  at.toLocaleTimeString(language, { hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone: zone ?? undefined });

/** @param {Said | undefined} said @param {Language} language @param {number | undefined} battery */
export function showStatus(said, language, battery) {
  const line = /** @type {HTMLElement} */ (document.getElementById("status"));
  line.replaceChildren();
  /** @param {string} text @param {string} [className] */
  const add = (text, className = "") => {
    const part = document.createElement("span");
    part.textContent = text;
    part.className = className;
    line.append(part);
  };
  if (!said) return;
  const name = said.name?.[language] || said.name?.ja || said.name?.en || `#${said.gate}`;
  add(said.event ? `${said.event[language]} ${name}` : name, "name");
  add(word(said.link, language), said.link === "refused" ? "needs" : "");
  if (said.unsynced > 0) add(`${word("unsynced", language)} ${said.unsynced}`);
  const bad = said.clock.source === "none" || said.clock.warnings.length > 0;
  add(word(bad ? "clock_check" : "clock_good", language), bad ? "needs" : "");
  if (said.operator) add(said.operator);
  if (battery !== undefined) add(`🔋${battery}%`, battery <= 15 ? "needs" : "");
  add(time(new Date(), said.zone, language), "time");
}
