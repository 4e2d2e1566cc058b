// The server's time. The phone's clock may be wrong by any amount, but it goes on evenly while nobody sets it: what the
// server's is ahead of it is kept, also for when there is no signal.
//
// What can't be known: whether somebody set the phone's clock while the page was closed. Set back behind the last time
// that the page saw, it shows; set forward, it looks like time that passed. The gate then says which.

/** How far a clock may seem to step back by its own corrections, in milliseconds. */
const SLACK = 5_000;

export interface KeptTime {
  /** What the server's clock is ahead of the phone's, in milliseconds. */
  ahead: number;
  /** The phone's latest clock that was seen. */
  seen: number;
}

export class ServerTime {
  #ahead = 0;
  #seen = 0;
  #known = false;
  #restored = 0;

  /** Takes what was kept when the page was open last; of several tickets' the newest. */
  restore(kept: KeptTime): void {
    if (this.#known || kept.seen <= this.#restored) return;
    this.#restored = kept.seen;
    this.#ahead = kept.ahead;
    this.#seen = kept.seen;
  }

  /** Takes the server's clock from an answer that was asked for at `asked`: on average half the way ago. */
  heard(server: number, asked: number): void {
    const now = Date.now();
    // A clock that was set in between gives no way there and back.
    const way = Math.max(0, now - asked);
    this.#ahead = server + way / 2 - now;
    this.#seen = now;
    this.#known = true;
  }

  /** The server's time, in milliseconds. */
  now(): number {
    const now = Date.now();
    if (now > this.#seen) this.#seen = now;
    return now + this.#ahead;
  }

  /** Whether the phone's clock was set back since it was compared. */
  wasSetBack(): boolean {
    return Date.now() < this.#seen - SLACK;
  }

  keep(): KeptTime {
    return { ahead: this.#ahead, seen: this.#seen };
  }
}
