// @ts-check
// A scanner that types like a keyboard, without a field to type into: a burst of keys that ends with Enter.

/** A person is slower: so many milliseconds between two keys end a burst. */
const GAP = 120;
/** Shorter bursts are somebody who leans on a key. */
const SHORTEST = 6;

/** @param {(text: string) => void} read */
export function listen(read) {
  let text = "";
  let last = 0;
  addEventListener("keydown", (event) => {
    if (event.target instanceof HTMLInputElement || event.ctrlKey || event.altKey || event.metaKey) return;
    if (event.timeStamp - last > GAP) text = "";
    last = event.timeStamp;
    if (event.key === "Enter") {
      const whole = text;
      text = "";
      if (whole.length >= SHORTEST) {
        // The button that has the focus isn't meant.
        event.preventDefault();
        read(whole);
      }
    } else if (event.key.length === 1) {
      // Codes hold spaces, which would press the button that has the focus.
      if (text !== "") event.preventDefault();
      text += event.key;
    }
  }, { capture: true });
  // Some browsers press it only when the key is let go.
  addEventListener("keyup", (event) => {
    if (event.key === " " && text.length > 1) event.preventDefault();
  }, { capture: true });
}
