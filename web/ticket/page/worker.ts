// Keeps the page's own files, so that it opens without signal. Tickets aren't its business: they lie in the page's
// own store, and what is asked of the server is never kept here.

declare const FILES: string[];
declare const VERSION: string;
declare const self: ServiceWorkerGlobalScope;

export {};

const CACHE = `ticket-${VERSION}`;

self.addEventListener("install", (event) => {
  event.waitUntil(
    caches.open(CACHE).then((cache) => cache.addAll(["./", ...FILES])).then(() => self.skipWaiting()),
  );
});

self.addEventListener("activate", (event) => {
  const others = caches.keys().then((keys) => keys.filter((key) => key.startsWith("ticket-") && key !== CACHE));
  event.waitUntil(others.then((keys) => Promise.all(keys.map((key) => caches.delete(key)))).then(() => self.clients.claim()));
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.method !== "GET" || !request.url.startsWith(self.registration.scope)) return;
  const path = new URL(request.url).pathname;
  const page = request.mode === "navigate" || path === new URL(self.registration.scope).pathname;
  event.respondWith(
    caches.open(CACHE).then(async (cache) => {
      const kept = await cache.match(page ? "./" : request);
      // A newer page comes with a newer worker, whole: files of two versions are never mixed.
      return kept ?? fetch(request);
    }),
  );
});
