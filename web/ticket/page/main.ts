// The attendee's tickets: opened by a personal link, shown until the door, also without signal.

import init from "./wasm/kaisatsu_ticket.js";
import moduleUrl from "./wasm/kaisatsu_ticket_bg.wasm";
import { leaving } from "./apps";
import { stayAwake } from "./awake";
import { Card } from "./card";
import { element } from "./element";
import { keep, kept } from "./keep";
import { AWAY, UNKNOWN, look, open } from "./opened";
import { ServerTime } from "./time";
import { choose, chosen, named, say, type Language, type Word } from "./words";

/** How often a page in view asks how its tickets stand, in milliseconds. */
const LOOK = 20_000;

const time = new ServerTime();
let language: Language = chosen();
/** Whether the server's last answer stayed away. */
let offline = false;

interface Held {
  secret: string;
  card: Card;
}

async function start(): Promise<void> {
  const secrets = [...new Set(location.hash.slice(1).split("."))];
  const held: Held[] = secrets.map((secret) => ({ secret, card: new Card() }));
  const strip = document.getElementById("tickets");
  strip?.append(...held.map(({ card }) => card.root));
  const repaint = (): void => paint(held);
  controls(held, repaint);
  repaint();

  // Offered before anything is kept: it would be kept in the wrong browser.
  await init({ module_or_path: moduleUrl });
  await Promise.all(held.map(restore));
  repaint();
  await Promise.all(held.map(ask));
  repaint();
  beat(repaint);
  setInterval(() => {
    if (document.visibilityState === "visible") void Promise.all(held.map(refresh)).then(repaint);
  }, LOOK);
  for (const event of ["visibilitychange", "online"] as const) {
    (event === "online" ? window : document).addEventListener(event, () => {
      if (document.visibilityState === "visible") void Promise.all(held.map(ask)).then(repaint);
    });
  }
  // Another link that is opened in the same tab changes only what is behind the `#`.
  window.addEventListener("hashchange", () => location.reload());
  window.addEventListener("resize", repaint);
  stayAwake();
  await navigator.serviceWorker?.register("worker.js").catch(() => undefined);
  await navigator.storage?.persist?.().catch(() => false);
}

/** Shows what was kept, before any answer. */
async function restore({ secret, card }: Held): Promise<void> {
  const found = await kept(secret);
  if (!found) return;
  time.restore(found.time);
  card.show(found.opened);
}

/** Opens a ticket anew, with its codes. */
async function ask({ secret, card }: Held): Promise<void> {
  const answer = await open(secret);
  offline = answer === AWAY;
  if (answer === AWAY || answer === UNKNOWN) {
    card.absent(answer);
    return;
  }
  time.heard(answer.opened.server_time, answer.asked);
  card.show(answer.opened);
  await keep(secret, { opened: answer.opened, time: time.keep() });
}

/** Asks how a ticket stands; one that stands otherwise than before is opened anew. */
async function refresh(held: Held): Promise<void> {
  const { secret, card } = held;
  const before = card.opened;
  if (!before) return ask(held);
  const answer = await look(secret);
  offline = answer === AWAY;
  if (answer === AWAY || answer === UNKNOWN) return;
  const now = answer.opened;
  time.heard(now.server_time, answer.asked);
  const same =
    now.standing === before.standing && now.entered_at === before.entered_at && now.valid_until === before.valid_until;
  if (!same || JSON.stringify(now.lane) !== JSON.stringify(before.lane)) return ask(held);
  await keep(secret, { opened: before, time: time.keep() });
}

/** Paints at every second of the server's clock, so that codes change on their steps. */
function beat(repaint: () => void): void {
  repaint();
  setTimeout(() => beat(repaint), 1000 - (((time.now() % 1000) + 1000) % 1000));
}

function paint(held: Held[]): void {
  document.documentElement.lang = language;
  const now = time.now();
  const clockDoubtful = offline && time.wasSetBack();
  held.forEach(({ card }, place) => {
    card.paint(now, { language, place, count: held.length, offline, clockDoubtful });
  });
  const first = held[0]?.card.opened;
  document.title = [say("title", language), first && named(first.event.name, language)].filter(Boolean).join(" – ");
}

/** Language, pages of the strip, print, and the way out of an app's browser. */
function controls(held: Held[], repaint: () => void): void {
  const bar = document.getElementById("bar");
  const strip = document.getElementById("tickets");
  if (!bar || !strip) return;
  const words: [HTMLElement, Word][] = [];
  const button = (word: Word, act: () => void): HTMLButtonElement => {
    const made = element("button");
    made.type = "button";
    made.addEventListener("click", act);
    words.push([made, word]);
    return made;
  };
  const relabel = (): void => words.forEach(([where, word]) => (where.textContent = say(word, language)));

  const turn = (by: number) => (): void => strip.scrollBy({ left: by * strip.clientWidth });
  if (held.length > 1) bar.append(button("previous", turn(-1)), button("next", turn(1)));
  const print = button("print", () => window.print());
  print.className = "print";
  bar.append(
    print,
    button("language", () => {
      language = language === "ja" ? "en" : "ja";
      choose(language);
      relabel();
      repaint();
    }),
  );

  const out = leaving(navigator.userAgent, location.href);
  const notice = document.getElementById("notice");
  if (out && notice) {
    const text = element("p");
    words.push([text, "in_app"]);
    notice.append(text);
    if (out === "copy") {
      const done = element("span");
      done.setAttribute("role", "status");
      notice.append(
        button("in_app_copy", () => {
          void navigator.clipboard.writeText(location.href).then(() => {
            words.push([done, "in_app_copied"]);
            relabel();
          });
        }),
        done,
      );
    } else {
      const link = element("a");
      link.href = out.address;
      words.push([link, "in_app_open"]);
      notice.append(link);
    }
    notice.hidden = false;
  }
  relabel();
}

void start();
