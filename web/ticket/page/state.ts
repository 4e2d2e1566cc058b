// What a ticket's holder is told at an instant.

import type { Opened } from "./opened";
import { say, type Language, type Word } from "./words";

/** How a state looks: the style sheet knows these. */
export type Tone = "wait" | "good" | "done" | "bad";

export interface State {
  tone: Tone;
  word: string;
  more: string;
}

export function state(opened: Opened, now: number, language: Language): State {
  const { standing } = opened;
  const tell = (tone: Tone, word: Word, more: Word, at?: number): State => ({
    tone,
    word: say(word, language),
    more: say(more, language, at === undefined ? "" : when(at, now, opened.event.zone, language)),
  });
  if (standing === "reissued") return tell("bad", "reissued", "reissued_more");
  if (standing === "voided") return tell("bad", "voided", "voided_more");
  if (standing === "used") {
    const told = tell("done", "used", "used_more");
    if (opened.entered_at === undefined) return told;
    return { ...told, word: `${told.word} ${when(opened.entered_at, now, opened.event.zone, language)}` };
  }
  if (now >= opened.valid_until * 1000) return tell("bad", "over", "over_more", opened.valid_until * 1000);
  if (standing === "ask_staff") return tell("wait", "ask", "ask_more");
  if (standing === "unpaid") return tell("wait", "unpaid", "unpaid_more");
  if (now < opened.valid_from * 1000) return tell("wait", "before", "before_more", opened.valid_from * 1000);
  if (opened.entered_at !== undefined) return tell("good", "valid", "again_more", opened.entered_at);
  return tell("good", "valid", "valid_more");
}

/** An instant in the event's zone: the time alone where it is on the same day as `now`. */
export function when(at: number, now: number, zone: string, language: Language): string {
  const time = format(at, zone, language, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
  return day(at, zone) === day(now, zone) ? time : `${date(at, zone, language)} ${time}`;
}

/** From when until when a ticket is valid. */
export function validity(opened: Opened, language: Language): string {
  const [from, until] = [opened.valid_from * 1000, opened.valid_until * 1000];
  const { zone } = opened.event;
  const begins = `${date(from, zone, language)} ${when(from, from, zone, language)}`;
  return `${begins} – ${when(until, from, zone, language)}`;
}

/** The running clock. */
export const clock = (now: number, zone: string): string =>
  format(now, zone, "en", { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" });

/** The day in that zone, in days since 1970-01-01. */
export function day(at: number, zone: string): number {
  // Swedish writes dates as 2026-05-15, which is read as midnight UTC.
  const written = format(at, zone, "sv", { year: "numeric", month: "2-digit", day: "2-digit" });
  return Date.parse(written) / 86_400_000;
}

const date = (at: number, zone: string, language: Language): string =>
  format(at, zone, language, { month: language === "ja" ? "long" : "short", day: "numeric", weekday: "short" });

function format(at: number, zone: string, locale: string, options: Intl.DateTimeFormatOptions): string {
  return new Intl.DateTimeFormat(locale, { ...options, timeZone: zone }).format(at);
}
