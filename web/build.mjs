// Bundles the pages into dist/, each into a folder of its own: hashed names, so that a file can be kept for ever, and
// index.html and worker.js under fixed names, which name the others. `./x web` calls it after the modules are built.

import { build } from "esbuild";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { createHash } from "node:crypto";
import { basename } from "node:path";
import { fileURLToPath } from "node:url";

const PAGES = ["ticket"];

const root = fileURLToPath(new URL(".", import.meta.url));

for (const page of PAGES) await bundle(page);
await bundleEngine();

/** @param {string} outdir */
function options(outdir) {
  return {
    bundle: true,
    format: /** @type {const} */ ("esm"),
    target: ["es2022"],
    minify: true,
    legalComments: /** @type {const} */ ("none"),
    assetNames: "[name]-[hash]",
    loader: { ".wasm": /** @type {const} */ ("file"), ".png": /** @type {const} */ ("file"), ".svg": /** @type {const} */ ("file") },
    outdir,
    logLevel: /** @type {const} */ ("warning"),
  };
}

/** The gate's worker. Its page names it, so it has a fixed name, too. */
async function bundleEngine() {
  const target = `${root}dist/gate`;
  await rm(target, { recursive: true, force: true });
  await build({ ...options(target), entryPoints: [`${root}gate/page/engine.worker.ts`] });
}

/** @param {string} page */
async function bundle(page) {
  const source = `${root}${page}/page`;
  const target = `${root}dist/${page}`;
  await rm(target, { recursive: true, force: true });
  await mkdir(target, { recursive: true });
  const common = options(target);
  const { metafile } = await build({
    ...common,
    entryPoints: [`${source}/main.ts`, `${source}/style.css`],
    entryNames: "[name]-[hash]",
    metafile: true,
  });
  const names = Object.keys(metafile.outputs).map((path) => basename(path)).sort();
  /** @param {RegExp} pattern */
  const named = (pattern) => {
    const found = names.find((name) => pattern.test(name));
    if (!found) throw new Error(`${page}: no file is named like ${pattern}`);
    return found;
  };

  const html = (await readFile(`${source}/index.html`, "utf8"))
    .replace("style.css", named(/^style-.*\.css$/))
    .replace("main.js", named(/^main-.*\.js$/))
    .replace("module.wasm", named(/\.wasm$/));
  await writeFile(`${target}/index.html`, html);

  // What the worker keeps for when there is no signal. Its version changes with any file, also with the page itself.
  const version = createHash("sha256").update(names.join()).update(html).digest("hex").slice(0, 16);
  await build({
    ...common,
    entryPoints: [`${source}/worker.ts`],
    define: { FILES: JSON.stringify(names), VERSION: JSON.stringify(version) },
  });
}
