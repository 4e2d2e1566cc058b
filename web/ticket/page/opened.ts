// What the server answers for a link, and how it is asked.

/** A text in both languages; one of them may be empty. */
export interface Both {
  ja: string;
  en: string;
}

/** How a ticket stands, as its holder is told. */
export type Standing = "unused" | "entered" | "used" | "ask_staff" | "unpaid" | "voided" | "reissued";

export interface Opened {
  /** The server's clock when it answered, in milliseconds. */
  server_time: number;
  installation: string;
  event: { id: number; name: Both; zone: string };
  ticket_type: Both;
  serial: number;
  valid_from: number;
  valid_until: number;
  display: "static" | "clock";
  standing: Standing;
  /** When somebody entered on it last, in milliseconds. */
  entered_at?: number;
  lane?: Both;
  /** The code of a clock display's last step, from which all others follow; the code itself where it doesn't change. */
  code?: string;
}

/** The answer to a question that was asked at `asked`, by the phone's clock. */
export interface Answer {
  asked: number;
  opened: Opened;
}

/** No such link: it was cut short on its way, or never was one. */
export const UNKNOWN = "unknown";
/** The server can't be asked now. */
export const AWAY = "away";

/** Asks the server for the ticket behind a link's secret, which goes in the body: addresses are logged on the way. */
export const open = (secret: string): Promise<Answer | typeof UNKNOWN | typeof AWAY> => ask("open", secret);

/** Asks how the ticket stands; the answer has no code. */
export const look = (secret: string): Promise<Answer | typeof UNKNOWN | typeof AWAY> => ask("look", secret);

async function ask(what: "open" | "look", secret: string): Promise<Answer | typeof UNKNOWN | typeof AWAY> {
  const asked = Date.now();
  try {
    const answer = await fetch(`../api/v1/tickets/${what}`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ secret }),
      cache: "no-store",
      credentials: "omit",
      signal: AbortSignal.timeout(10_000),
    });
    if (answer.status === 404) return UNKNOWN;
    return answer.ok ? { asked, opened: (await answer.json()) as Opened } : AWAY;
  } catch {
    return AWAY;
  }
}
