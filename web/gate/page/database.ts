// Rows in IndexedDB: tables of bytes under text keys, changed whole or not at all, and durable once a change is said to
// be done. What the rows mean is the gate's own matter (gate-client/src/store/rows).

const NAME = "kaisatsu-gate";
const VERSION = 1;
const TABLES = ["journal", "ledger", "page_ends", "intents", "notes", "documents"];

/** What is done, in which table, with the row of which key, and its bytes. */
export type Change = [
  what: "add" | "put" | "delete" | "delete_after" | "clear",
  table: string,
  key: string | undefined,
  bytes: Uint8Array | undefined,
];

export class Database {
  private constructor(private readonly database: IDBDatabase) {}

  static open(): Promise<Database> {
    return new Promise((resolve, reject) => {
      const opening = indexedDB.open(NAME, VERSION);
      opening.onupgradeneeded = () => {
        for (const table of TABLES) opening.result.createObjectStore(table);
      };
      opening.onsuccess = () => resolve(new Database(opening.result));
      opening.onerror = () => reject(opening.error);
    });
  }

  /** All rows of a table in the order of their keys. */
  async all(table: string): Promise<[string, Uint8Array][]> {
    const store = this.database.transaction(table).objectStore(table);
    const [keys, rows] = await Promise.all([done(store.getAllKeys()), done(store.getAll())]);
    return keys.map((key, place) => [String(key), rows[place]]);
  }

  one(table: string, key: string): Promise<Uint8Array | undefined> {
    return done(this.database.transaction(table).objectStore(table).get(key));
  }

  change(changes: Change[]): Promise<void> {
    return new Promise((resolve, reject) => {
      const tables = [...new Set(changes.map(([, table]) => table))];
      if (tables.length === 0) return resolve();
      const transaction = this.database.transaction(tables, "readwrite", { durability: "strict" });
      transaction.oncomplete = () => resolve();
      transaction.onabort = () => reject(transaction.error ?? new DOMException("aborted", "AbortError"));
      for (const change of changes) make(transaction.objectStore(change[1]), change);
    });
  }
}

function make(store: IDBObjectStore, [what, , key, bytes]: Change): void {
  switch (what) {
    case "add":
      store.add(bytes, key);
      break;
    case "put":
      store.put(bytes, key);
      break;
    case "delete":
      store.delete(key ?? "");
      break;
    case "delete_after":
      store.delete(IDBKeyRange.lowerBound(key, true));
      break;
    case "clear":
      store.clear();
      break;
  }
}

function done<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}
