// One ticket on the screen.

import { Ticket, colour } from "./wasm/kaisatsu_ticket.js";
import { draw } from "./draw";
import { element } from "./element";
import type { Opened } from "./opened";
import { clock, day, state, validity } from "./state";
import { say, named, type Language, type Word } from "./words";

/** How long a code is shown, in milliseconds. */
const STEP = 10_000;

/** What a card shows beside the ticket. */
export interface Around {
  language: Language;
  /** Place of the card and how many there are. */
  place: number;
  count: number;
  offline: boolean;
  /** Whether the phone's clock was set back: its codes may be refused. */
  clockDoubtful: boolean;
}

export class Card {
  readonly root = element("article", "card");
  #opened: Opened | undefined;
  #ticket: Ticket | undefined;
  #drawn = "";
  /** What stands in place of a ticket that isn't here yet, or can't be. */
  #absent: "opening" | "unknown" | "away" = "opening";

  readonly #event = element("h1");
  readonly #when = element("p", "when");
  readonly #word = element("p", "word");
  readonly #more = element("p", "more");
  readonly #code = element("canvas", "code");
  readonly #lane = element("p", "lane");
  readonly #facts = element("p", "facts");
  readonly #clock = element("p", "clock");
  readonly #band = element("div", "band");
  readonly #note = element("p", "note");
  readonly #ring = ring();

  constructor() {
    const said = element("div", "state");
    said.setAttribute("role", "status");
    said.append(this.#word, this.#more);
    const frame = element("div", "frame");
    frame.append(this.#code);
    this.#code.setAttribute("role", "img");
    // The seconds would be read out without end.
    const time = element("div", "time");
    time.setAttribute("aria-hidden", "true");
    this.#band.append(element("span", "runner"));
    time.append(this.#band, this.#ring, this.#clock);
    this.root.append(this.#event, this.#when, said, frame, this.#lane, time, this.#facts, this.#note);
  }

  get opened(): Opened | undefined {
    return this.#opened;
  }

  /** Takes what the server answered, or what was kept of it. */
  show(opened: Opened): void {
    this.#opened = opened;
    this.#drawn = "";
    this.#ticket?.free();
    this.#ticket = undefined;
    if (opened.code) {
      try {
        this.#ticket = new Ticket(opened.installation, opened.code);
      } catch {
        // It is told as a code that can't be renewed; what the code was stays untold.
      }
    }
  }

  /** Says why there is nothing to show. */
  absent(why: "unknown" | "away"): void {
    this.#absent = why;
  }

  /** Shows what holds at `now`, the server's time in milliseconds. */
  paint(now: number, around: Around): void {
    const opened = this.#opened;
    const { language } = around;
    this.root.dataset.tone = "wait";
    if (!opened) {
      const more: Word | undefined = this.#absent === "opening" ? undefined : `${this.#absent}_more`;
      write(this.#word, say(this.#absent, language));
      write(this.#more, more ? say(more, language) : "");
      this.root.dataset.empty = "";
      return;
    }
    delete this.root.dataset.empty;
    const told = state(opened, now, language);
    this.root.dataset.tone = told.tone;
    write(this.#word, told.word);
    write(this.#more, told.more);
    write(this.#event, named(opened.event.name, language));
    write(this.#when, validity(opened, language));
    write(this.#lane, opened.lane ? named(opened.lane, language) : "");
    write(this.#clock, clock(now, opened.event.zone));
    const today = colour(opened.installation, opened.event.id, day(now, opened.event.zone));
    this.root.style.setProperty("--day", today.css);
    const facts = [named(opened.ticket_type, language), say("number", language, String(opened.serial))];
    if (around.count > 1) facts.push(say("of", language, String(around.place + 1), String(around.count)));
    const changes = opened.display === "clock";
    if (changes && opened.code) facts.push(say("colour", language, language === "ja" ? today.ja : today.en));
    write(this.#facts, facts.join(" · "));
    today.free();

    this.root.dataset.display = opened.display;
    this.#code.setAttribute("aria-label", say(changes ? "code" : "code_still", language));
    const shown = opened.code === undefined || this.#draw(now);
    const note: Word | undefined = !shown
      ? "outside_more"
      : changes && around.clockDoubtful
        ? "clock_more"
        : around.offline
          ? "offline"
          : undefined;
    write(this.#note, note ? say(note, language) : "");
    this.root.toggleAttribute("data-code", opened.code !== undefined && shown);
    this.#ring.style.setProperty("--left", String(1 - (now % STEP) / STEP));
  }

  /** Draws the code anew where it changed; false where there is none for `now`. */
  #draw(now: number): boolean {
    const step = Math.floor(now / STEP);
    const key = `${step} ${this.#code.clientWidth} ${devicePixelRatio}`;
    if (this.#drawn === key) return true;
    const square = this.#ticket?.square(Math.floor(now / 1000));
    if (!square) return false;
    // Only a code that has a place has a size.
    this.root.toggleAttribute("data-code", true);
    draw(this.#code, square);
    square.free();
    this.#drawn = key;
    return true;
  }
}

/** Writes only what changed: a screen reader would say it again. */
function write(where: HTMLElement, text: string): void {
  if (where.textContent !== text) where.textContent = text;
  where.hidden = text === "";
}

function ring(): SVGSVGElement {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 40 40");
  svg.setAttribute("class", "ring");
  for (const part of ["track", "left"]) {
    const circle = document.createElementNS("http://www.w3.org/2000/svg", "circle");
    for (const [name, value] of [["cx", "20"], ["cy", "20"], ["r", "16"], ["class", part], ["pathLength", "1"]] as const) {
      circle.setAttribute(name, value);
    }
    svg.append(circle);
  }
  return svg;
}
