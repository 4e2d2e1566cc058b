// What the server answers for a link, and how it is asked.

/** A text in both languages; one of them may be empty. */
export interface Both {
  ja: string;
  en: string;
}

/** How a ticket stands. */
export type Standing = "unused" | "entered" | "used" | "check" | "blocked" | "unpaid" | "voided" | "reissued";

export interface Opened {
  /** The server's clock when it answered, in milliseconds. */
  server_time: number;
  installation: string;
  event: { id: number; name: Both; zone: string };
  ticket_type: Both;
  serial: number;
  valid_from: number;
  valid_until: number;
  standing: Standing;
  /** When somebody entered on it last, in milliseconds. */
  entered_at?: number;
  lane?: Both;
  /** None where the ticket is void or was issued anew. */
  code?: { text: string; last?: string };
}

/** No such link: it was cut short on its way, or never was one. */
export const UNKNOWN = "unknown";
/** The server can't be asked now. */
export const AWAY = "away";

/** Asks the server for the ticket behind a link's secret, which goes in the body: addresses are logged on the way. */
export async function open(secret: string): Promise<Opened | typeof UNKNOWN | typeof AWAY> {
  try {
    const answer = await fetch("../api/v1/tickets/open", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ secret }),
      cache: "no-store",
      credentials: "omit",
      signal: AbortSignal.timeout(10_000),
    });
    if (answer.status === 404 || answer.status === 400) return UNKNOWN;
    return answer.ok ? ((await answer.json()) as Opened) : AWAY;
  } catch {
    return AWAY;
  }
}
