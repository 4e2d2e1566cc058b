// Draws a code: whole device pixels a module, so that no edge is blurred.

import type { Square } from "./wasm/kaisatsu_ticket.js";

/** Light modules around the symbol (ISO/IEC 18004 §9.1). */
const QUIET = 4;

/** Draws into `canvas`, which keeps the size that the style sheet gives it. */
export function draw(canvas: HTMLCanvasElement, square: Square): void {
  const across = square.size + 2 * QUIET;
  const pixels = Math.floor(canvas.clientWidth * devicePixelRatio);
  const scale = Math.max(1, Math.floor(pixels / across));
  const margin = Math.floor((pixels - scale * square.size) / 2);
  canvas.width = canvas.height = pixels;
  const context = canvas.getContext("2d", { alpha: false });
  if (!context) return;
  context.fillStyle = "#fff";
  context.fillRect(0, 0, pixels, pixels);
  context.fillStyle = "#000";
  const dark = square.dark;
  for (let at = 0; at < dark.length; at++) {
    if (!dark[at]) continue;
    const row = Math.floor(at / square.size);
    context.fillRect(margin + (at % square.size) * scale, margin + row * scale, scale, scale);
  }
}
