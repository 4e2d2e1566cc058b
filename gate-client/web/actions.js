// @ts-check
// What staff can do: at most two large buttons beside a verdict, the rest in a drawer.

import { line, scan } from "./gate.js";
import { time } from "./status.js";
import { icon } from "./verdict.js";
import { word } from "./words.js";

/** @typedef {import("./words.js").Language} Language */
/** @typedef {import("./gate.js").Said} Said */

const REASONS = ["known", "fault", "courtesy", "organiser", "safety"];

/** @param {string} text @param {() => void} act @param {string} [className] */
export function button(text, act, className = "") {
  const made = document.createElement("button");
  made.type = "button";
  made.textContent = text;
  made.className = className;
  made.addEventListener("click", act);
  return made;
}

/**
 * The buttons under a verdict.
 * @param {Said} said @param {Language} language @param {() => void} done
 */
export function offer(said, language, done) {
  const asks = said.asks;
  if (asks?.answer === "yes_or_no") {
    return [
      button(word("yes", language), () => line("y"), "main"),
      button(word("no", language), () => line("n")),
    ];
  }
  if (asks?.answer === "persons") {
    const most = Math.min(asks.most ?? 9, 9);
    return Array.from({ length: most }, (_, i) => button(String(i + 1), () => line(String(i + 1)), "main"));
  }
  if (asks?.answer === "choice") {
    /** @type {{ ja: string, en: string }[]} */
    const choices = asks.choices;
    return choices.map((choice, i) => button(choice[language] || choice.ja || choice.en, () => line(String(i + 1)), "main"));
  }
  if (said.outcome !== "review" && said.outcome !== "deny") return [];
  const buttons = [button(word("next", language), done, "main")];
  if (said.overrulable) buttons.push(button(word("override", language), () => overrule(language)));
  return buttons;
}

/** A lead signs in with the PIN, says why, and lets the guest in. @param {Language} language */
function overrule(language) {
  form(word("override", language), language, [["operator", "numeric"], ["pin", "password"]], (values, chosen) => {
    lead = { reason: chosen };
    void line(`sign-in ${values.operator} ${values.pin}`);
  }, REASONS);
}

/** A lead who signs in for one guest, and why they let them in; no reason once another guest stands there. @type {{ reason?: string } | undefined} */
let lead;

/** What follows when a PIN was checked: whoever signed in for one guest signs out again. @param {Said} said */
export function heardOf(said) {
  if (!lead) return;
  if (said.code === "signed_in") {
    if (lead.reason) return void line(`override ${lead.reason}`);
  } else if (said.code === "pin_wrong" || said.code === "pin_wait") {
    lead = undefined;
    return;
  } else if (said.kind === "verdict" && said.code !== "admitted_by_override") {
    lead.reason = undefined;
    return;
  } else if (said.code !== "admitted_by_override" && said.code !== "needs_lead") {
    return;
  }
  lead = undefined;
  void line("sign-out");
}

/**
 * Asks staff for something.
 * @param {string} title @param {Language} language @param {[string, string][]} fields
 * @param {(values: Record<string, string>, chosen: string) => void} done @param {string[]} [choices]
 */
function form(title, language, fields, done, choices = []) {
  const dialog = /** @type {HTMLDialogElement} */ (document.getElementById("ask"));
  dialog.replaceChildren();
  const named = heading(title);
  named.id = "ask-title";
  dialog.append(named);
  /** @type {Record<string, HTMLInputElement>} */
  const inputs = {};
  for (const [name, kind] of fields) {
    const label = document.createElement("label");
    label.textContent = word(name, language);
    const input = document.createElement("input");
    input.type = kind === "password" ? "password" : "text";
    if (kind !== "text") input.inputMode = "numeric";
    input.autocomplete = "off";
    label.append(input);
    dialog.append(label);
    inputs[name] = input;
  }
  /** @param {string} chosen */
  const end = (chosen) => {
    const values = Object.fromEntries(Object.entries(inputs).map(([name, input]) => [name, input.value.trim()]));
    if (Object.values(values).some((value) => value === "")) return;
    dialog.close();
    done(values, chosen);
  };
  const row = document.createElement("div");
  row.className = "row";
  const all = choices.length > 0 ? choices : ["ok"];
  row.append(...all.map((name) => button(word(name, language), () => end(name), "main")));
  row.append(button(word("cancel", language), () => dialog.close()));
  dialog.append(row);
  // Enter goes on to what is next; where there is nothing to choose, it ends it.
  const steps = /** @type {HTMLElement[]} */ ([...dialog.querySelectorAll("input, button")]);
  for (const input of Object.values(inputs)) {
    input.addEventListener("keydown", (event) => {
      const next = steps[steps.indexOf(input) + 1];
      if (event.key !== "Enter" || event.isComposing || !next) return;
      event.preventDefault();
      if (next instanceof HTMLInputElement || choices.length > 0) next.focus();
      else end("ok");
    });
  }
  dialog.showModal();
}

/**
 * The drawer: what is done seldom, the last scans, and what only an administrator reads.
 * @param {HTMLElement} drawer @param {Language} language
 * @param {{ scansOut: boolean, status: Said | undefined, history: { at: Date, said: Said, outcome: string }[] }} now
 * @param {{ close: () => void, language: () => void }} act
 */
export function fill(drawer, language, now, act) {
  drawer.replaceChildren();
  const title = heading(word("menu", language));
  title.id = "drawer-title";
  /** @param {string} text @param {() => void} then @param {string} [className] */
  const item = (text, then, className) => button(text, () => { act.close(); then(); }, className);
  /** @param {...Node} parts */
  const row = (...parts) => {
    const made = document.createElement("div");
    made.className = "row";
    made.append(...parts);
    return made;
  };
  drawer.append(
    row(button(word("close", language), act.close, "main"), button(word("language", language), act.language)),
    title,
    row(
      item(word("type_code", language), () => form(word("type_code", language), language, [["type_code", "text"]], (it) => void scan(it.type_code))),
      item(word("search", language), () => form(word("search", language), language, [["search_for", "text"]], (it) => void line(`search ${it.search_for}`))),
      item(word("undo", language), () => void line("annul")),
      item(word(now.scansOut ? "scan_in" : "scan_out", language), () => void line(now.scansOut ? "scan-in" : "scan-out")),
      now.status?.operator
        ? item(word("sign_out", language), () => void line("sign-out"))
        : item(word("sign_in", language), () => form(word("sign_in", language), language, [["operator", "numeric"], ["pin", "password"]], (it) => void line(`sign-in ${it.operator} ${it.pin}`))),
      item(word("close_lane", language), () => void line("close-lane")),
    ),
    heading(word("history", language)),
    list(now.history, now.status?.zone, language),
    heading(word("details", language)),
    details(now.status, language),
  );
}

/** @param {string} text */
function heading(text) {
  const made = document.createElement("h2");
  made.textContent = text;
  return made;
}

/** @param {{ at: Date, said: Said, outcome: string }[]} history @param {string | undefined} zone @param {Language} language */
function list(history, zone, language) {
  if (history.length === 0) {
    const none = document.createElement("p");
    none.textContent = word("nothing_yet", language);
    return none;
  }
  const made = document.createElement("ol");
  for (const { at, said, outcome } of history) {
    const one = document.createElement("li");
    const sign = document.createElement("span");
    sign.innerHTML = icon(outcome);
    const when = document.createElement("span");
    when.textContent = time(at, zone, language);
    const text = document.createElement("span");
    const serial = said.facts?.serial;
    text.textContent = `${word(outcome, language)}${serial === undefined ? "" : ` #${serial}`}  ${said[`sentence_${language}`] ?? ""}`;
    one.append(sign, when, text);
    made.append(one);
  }
  return made;
}

/** @param {Said | undefined} status @param {Language} language */
function details(status, language) {
  const made = document.createElement("dl");
  /** @param {string} key @param {string} value */
  const add = (key, value) => {
    const name = document.createElement("dt");
    name.textContent = word(key, language);
    const text = document.createElement("dd");
    text.textContent = value;
    made.append(name, text);
  };
  if (!status) return made;
  for (const key of ["tickets", "leased", "journal", "unsynced", "ledger", "rules"]) {
    if (status[key] !== null && status[key] !== undefined) add(key, String(status[key]));
  }
  add("clock", status.clock[`sentence_${language}`]);
  return made;
}
