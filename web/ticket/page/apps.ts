// Browsers inside of other apps: they forget what a page keeps, and some have no service worker.

/** How such a browser is left. */
export type Leaving = { address: string } | "copy" | undefined;

const OTHERS = /Instagram|FBAN|FBAV|FB_IAB|Twitter|MicroMessenger|musical_ly|BytedanceWebview|KAKAOTALK/;

/** How to get out of the app's browser that this is; nothing where it is none. */
export function leaving(agent: string, address: string): Leaving {
  if (/ Line\//i.test(agent)) {
    // LINE's own parameter. The secret stays behind the `#`.
    const outside = new URL(address);
    outside.searchParams.set("openExternalBrowser", "1");
    return { address: outside.href };
  }
  return OTHERS.test(agent) ? "copy" : undefined;
}
