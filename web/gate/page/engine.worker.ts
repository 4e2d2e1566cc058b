// The gate's worker: engine, link and store. The page gets documents by messages and sends what it says; it never waits
// for any of it. What it says is heard from the document `standing` on.

import init, { Gate, enrol, standing } from "./wasm/kaisatsu_gate_page.js";
import moduleUrl from "./wasm/kaisatsu_gate_page_bg.wasm";
import { Database } from "./database";

declare const self: DedicatedWorkerGlobalScope;

/** What the page sends. */
export type Wanted = { enrol: { server: string; code: string } } | { scan: string } | { line: string };

/** Two gates on one store would give out the same journal numbers. */
const LOCK = "kaisatsu-gate";

let database: Database;
let gate: Gate | undefined;

function tell(document: string): void {
  self.postMessage(JSON.parse(document));
}

async function begin(): Promise<void> {
  await init({ module_or_path: moduleUrl });
  database = await Database.open();
  await stand();
}

/** Tells whether this device is enrolled, and runs the gate if it is. */
async function stand(): Promise<void> {
  const found = JSON.parse(await standing(database)) as { enrolled: boolean };
  // Only a page can ask the browser not to clear its storage; that it doesn't is worth knowing.
  const persisted = await navigator.storage.persisted();
  self.postMessage({ ...found, persisted });
  if (found.enrolled) gate = new Gate(database, tell);
}

async function take(wanted: Wanted): Promise<void> {
  if (!("enrol" in wanted)) {
    gate?.say(JSON.stringify(wanted));
    return;
  }
  if (gate) return;
  await enrol(database, wanted.enrol.server, wanted.enrol.code);
  await stand();
}

/** What is refused is a notice for the page; anything else is a fault. */
function refused(why: unknown): void {
  if (typeof why !== "string") throw why;
  tell(why);
}

/** After a fault nobody knows what was written: the page starts a new worker, which reads what there is. */
function halt(): void {
  self.postMessage({ kind: "halted" });
  self.close();
}

self.addEventListener("error", halt);
self.addEventListener("unhandledrejection", halt);

/** The gate, until the worker ends. What the page says waits for its turn. */
function serve(): Promise<never> {
  let turn = begin().catch(refused);
  self.addEventListener("message", ({ data }: MessageEvent<Wanted>) => {
    turn = turn.then(() => take(data)).catch(refused);
  });
  return new Promise(() => undefined);
}

void navigator.locks.request(LOCK, { ifAvailable: true }, (lock) => {
  if (lock) return serve();
  self.postMessage({ kind: "in_use" });
  // Once the other page is closed this one is the gate.
  void navigator.locks.request(LOCK, serve);
  return undefined;
});
