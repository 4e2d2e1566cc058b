// @ts-check
// The gate behind the page: what it says comes by questions that it holds, what staff say goes to it.

/** @typedef {Record<string, any> & { kind: string }} Said */

const OWN = { "kaisatsu-page": "1" };
const RETRY = 1000;

/**
 * Follows the gate until the page is closed.
 * @param {{ said: (said: Said, anew: boolean) => void, here: (here: boolean) => void }} page
 */
export async function follow(page) {
  let after = 0;
  for (;;) {
    try {
      const answer = await fetch(`/says?after=${after}`, { headers: OWN, cache: "no-store" });
      if (!answer.ok) throw new Error(String(answer.status));
      const { count, anew, documents } = await answer.json();
      page.here(true);
      for (const said of documents) page.said(said, anew);
      // A gate that has said nothing yet is asked again in a moment.
      if (count === 0) await wait(RETRY / 4);
      after = count;
    } catch {
      page.here(false);
      after = 0;
      await wait(RETRY);
    }
  }
}

/** @param {string} text a code */
export const scan = (text) => say({ scan: text });

/** @param {string} text what staff tell the gate, as on its terminal */
export const line = (text) => say({ line: text });

/** @param {object} words */
async function say(words) {
  const headers = { ...OWN, "content-type": "application/json" };
  try {
    await fetch("/say", { method: "POST", headers, body: JSON.stringify(words) });
  } catch {
    // The page shows that the gate isn't there.
  }
}

/** @param {number} ms */
const wait = (ms) => new Promise((done) => setTimeout(done, ms));
