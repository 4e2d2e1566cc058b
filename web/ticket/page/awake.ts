// Keeps the screen on while the page is in view, where the platform lets a page.

export function stayAwake(): void {
  const ask = (): void => {
    if (document.visibilityState === "visible") void navigator.wakeLock?.request("screen").catch(() => undefined);
  };
  // A lock ends when the page leaves the view.
  document.addEventListener("visibilitychange", ask);
  ask();
}
