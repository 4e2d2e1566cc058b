// Keeps tickets in the browser, so that they open without signal: under the secret of their link, which the address has
// anyway. Where a browser keeps nothing (private windows), a ticket opens with signal only.

import type { Opened } from "./opened";
import type { KeptTime } from "./time";

export interface Kept {
  opened: Opened;
  time: KeptTime;
}

const STORE = "tickets";

export async function keep(secret: string, kept: Kept): Promise<void> {
  await transact("readwrite", (store) => store.put(kept, secret)).catch(() => undefined);
}

export async function kept(secret: string): Promise<Kept | undefined> {
  return transact<Kept | undefined>("readonly", (store) => store.get(secret)).catch(() => undefined);
}

function transact<T>(mode: IDBTransactionMode, work: (store: IDBObjectStore) => IDBRequest): Promise<T> {
  return new Promise((resolve, reject) => {
    const opening = indexedDB.open("kaisatsu-ticket", 1);
    opening.onupgradeneeded = () => opening.result.createObjectStore(STORE);
    opening.onerror = () => reject(opening.error);
    opening.onsuccess = () => {
      const database = opening.result;
      const transaction = database.transaction(STORE, mode);
      const request = work(transaction.objectStore(STORE));
      transaction.oncomplete = () => {
        database.close();
        resolve(request.result as T);
      };
      transaction.onabort = () => {
        database.close();
        reject(transaction.error);
      };
    };
  });
}
