// The attendee's ticket: opened by a personal link, shown until the door.

import init, { Ticket } from "./wasm/kaisatsu_ticket.js";
import moduleUrl from "./wasm/kaisatsu_ticket_bg.wasm";
import { draw } from "./draw";
import { open, AWAY, UNKNOWN } from "./opened";

const STEP = 10_000;

async function start(): Promise<void> {
  const place = document.getElementById("tickets");
  if (!place) return;
  await init({ module_or_path: moduleUrl });
  for (const secret of location.hash.slice(1).split(".")) {
    const opened = await open(secret);
    if (opened === UNKNOWN || opened === AWAY || !opened.code) continue;
    const ahead = opened.server_time - Date.now();
    const ticket = new Ticket(opened.installation, opened.code.text, opened.code.last);
    const canvas = document.createElement("canvas");
    place.append(canvas);
    const show = (): void => {
      const now = Date.now() + ahead;
      const square = ticket.square(Math.floor(now / 1000));
      if (square) draw(canvas, square);
      setTimeout(show, STEP - (now % STEP));
    };
    show();
  }
  await navigator.serviceWorker?.register("worker.js");
}

void start();
