// @ts-check
// Tones and vibration: each verdict sounds and feels different.

/** @type {AudioContext | undefined} */
let audio;

/** A browser lets a page sound only after somebody touched it. */
for (const event of ["pointerdown", "keydown"]) {
  addEventListener(event, () => {
    audio ??= new AudioContext();
    void audio.resume();
  });
}

/** Frequency in hertz, start and length in seconds. @type {Record<string, [number, number, number][]>} */
const TONES = {
  admit: [[1320, 0, 0.12]],
  exit: [[660, 0, 0.12], [660, 0.18, 0.12]],
  review: [[520, 0, 0.14], [780, 0.18, 0.2]],
  again: [[520, 0, 0.14], [780, 0.18, 0.2]],
  deny: [[170, 0, 0.7]],
};

/** @type {Record<string, number[]>} */
const PULSES = { admit: [60], exit: [40, 60, 40], review: [90, 90, 90], again: [90, 90, 90], deny: [600] };

/** @param {string} outcome */
export function signal(outcome) {
  navigator.vibrate?.(PULSES[outcome] ?? []);
  if (!audio || audio.state !== "running") return;
  for (const [frequency, start, length] of TONES[outcome] ?? []) {
    const from = audio.currentTime + start;
    const tone = audio.createOscillator();
    const volume = audio.createGain();
    tone.type = outcome === "deny" ? "square" : "triangle";
    tone.frequency.value = frequency;
    volume.gain.setValueAtTime(0.0001, from);
    volume.gain.exponentialRampToValueAtTime(0.5, from + 0.01);
    volume.gain.setValueAtTime(0.5, from + length - 0.02);
    volume.gain.exponentialRampToValueAtTime(0.0001, from + length);
    tone.connect(volume).connect(audio.destination);
    tone.start(from);
    tone.stop(from + length);
  }
}
