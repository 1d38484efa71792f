import { closeSync, openSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { isDeepStrictEqual } from "node:util";
import { assert } from "../base/assert.ts";
import type { Clock } from "../base/clock.ts";
import { newPassword } from "../base/random.ts";
import type { CacheEvent, EventDraft } from "../resources/event.ts";
import { type Home, type Kind, type Ref, refKey } from "../resources/ref.ts";
import type { Resource, Spec, Status } from "../resources/resource.ts";
import { EventTable } from "./event-table.ts";
import { shelfOfHome, shelfOfKind, shelfOfOwner } from "./resource-index.ts";
import { ResourceTable } from "./resource-table.ts";
import { prepareDatabase } from "./schema.ts";
import type { ChangeListener, Claims, EventQuery, Store } from "./store.ts";

/**
 * Opens the store, making it at first use with mode 0600.
 * @param path a file, or ":memory:"
 */
export function openStore(path: string, clock: Clock): Store {
  // SQLite would create the file with the process's umask; its WAL takes the file's own mode.
  if (path !== ":memory:") closeSync(openSync(path, "a", 0o600));
  const database = new DatabaseSync(path);
  prepareDatabase(database);
  return new SqliteStore(database, clock);
}

class SqliteStore implements Store {
  readonly #database: DatabaseSync;
  readonly #clock: Clock;
  readonly #resources: ResourceTable;
  readonly #events: EventTable;
  readonly #listeners: ChangeListener[] = [];
  #inTransaction = false;

  constructor(database: DatabaseSync, clock: Clock) {
    this.#database = database;
    this.#clock = clock;
    this.#resources = new ResourceTable(database, clock);
    this.#events = new EventTable(database, clock);
  }

  get<K extends Kind>(ref: Ref<K>): Resource<K> | undefined {
    return this.#resources.get(ref);
  }

  list<K extends Kind>(kind: K, home: Home): readonly Resource<K>[] {
    return this.#resources.list(shelfOfHome(kind, home)) as readonly Resource<K>[];
  }

  listAll<K extends Kind>(kind: K): readonly Resource<K>[] {
    return this.#resources.list(shelfOfKind(kind)) as readonly Resource<K>[];
  }

  ownedBy<K extends Kind>(kind: K, owner: Ref): readonly Resource<K>[] {
    return this.#resources.list(shelfOfOwner(kind, owner)) as readonly Resource<K>[];
  }

  transaction<T>(work: () => T): T {
    if (this.#inTransaction) return work();
    this.#inTransaction = true;
    let committed = false;
    try {
      this.#database.exec("BEGIN IMMEDIATE");
      const result = work();
      assert(!(result instanceof Promise), "a transaction must not wait for anything");
      this.#database.exec("COMMIT");
      committed = true;
      return result;
    } finally {
      this.#inTransaction = false;
      if (committed) this.#announce(this.#resources.commit());
      else this.#rollback();
    }
  }

  create<K extends Kind>(
    ref: Ref<K>,
    spec: Spec<K>,
    status: Status<K>,
    owner: Ref | null,
  ): Resource<K> {
    return this.transaction(() => {
      assert(this.get(ref) === undefined, `${refKey(ref)} exists already`);
      const { kind, account, region, id } = ref;
      const createdAt = this.#clock.now().toISOString();
      const counters = { generation: 1, revision: 1, createdAt, deletingSince: null };
      const plainOwner = owner === null ? null : plainRef(owner);
      const resource = { kind, account, region, id, ...counters, spec, status, owner: plainOwner };
      this.#resources.put(resource);
      return resource;
    });
  }

  setSpec<K extends Kind>(ref: Ref<K>, spec: Spec<K>): void {
    this.#change(ref, (old) =>
      isDeepStrictEqual(old.spec, spec) ? old : { ...old, spec, generation: old.generation + 1 },
    );
  }

  setStatus<K extends Kind>(ref: Ref<K>, status: Status<K>): void {
    this.#change(ref, (old) => (isDeepStrictEqual(old.status, status) ? old : { ...old, status }));
  }

  setOwner(ref: Ref, owner: Ref | null): void {
    this.#change(ref, (old) => ({ ...old, owner: owner === null ? null : plainRef(owner) }));
  }

  markDeleting(ref: Ref): void {
    this.#change(ref, (old) =>
      old.deletingSince !== null
        ? old
        : {
            ...old,
            generation: old.generation + 1,
            deletingSince: this.#clock.now().toISOString(),
          },
    );
  }

  remove(ref: Ref): void {
    this.transaction(() => {
      this.#resources.delete(ref);
      this.#database.prepare("DELETE FROM tags WHERE ref = ?").run(refKey(ref));
      this.#database.prepare("DELETE FROM secrets WHERE ref = ?").run(refKey(ref));
    });
  }

  claims(): Claims {
    return this.#resources.claims();
  }

  tags(ref: Ref): ReadonlyMap<string, string> {
    const rows = this.#database
      .prepare("SELECT key, value FROM tags WHERE ref = ? ORDER BY key")
      .all(refKey(ref)) as { key: string; value: string }[];
    return new Map(rows.map((row) => [row.key, row.value]));
  }

  setTags(ref: Ref, tags: ReadonlyMap<string, string>): void {
    this.transaction(() => {
      this.#database.prepare("DELETE FROM tags WHERE ref = ?").run(refKey(ref));
      const insert = this.#database.prepare("INSERT INTO tags (ref, key, value) VALUES (?, ?, ?)");
      for (const [key, value] of tags) insert.run(refKey(ref), key, value);
    });
  }

  controlPassword(cache: Ref): string {
    return this.transaction(() => {
      const key = refKey(cache);
      const found = this.#database
        .prepare("SELECT control_password FROM secrets WHERE ref = ?")
        .get(key);
      if (found !== undefined) return found["control_password"] as string;
      const made = newPassword();
      this.#database.prepare("INSERT INTO secrets VALUES (?, ?)").run(key, made);
      return made;
    });
  }

  moveSecret(from: Ref, to: Ref): void {
    this.transaction(() => {
      this.#database
        .prepare("UPDATE OR REPLACE secrets SET ref = ? WHERE ref = ?")
        .run(refKey(to), refKey(from));
    });
  }

  addEvents(home: Home, events: readonly EventDraft[]): void {
    if (events.length > 0) this.transaction(() => this.#events.add(home, events));
  }

  events(query: EventQuery): readonly CacheEvent[] {
    return this.#events.find(query);
  }

  setting(name: string): string | null {
    const row = this.#database.prepare("SELECT value FROM settings WHERE name = ?").get(name);
    return row === undefined ? null : (row["value"] as string);
  }

  setSetting(name: string, value: string): void {
    this.#database.prepare("INSERT OR REPLACE INTO settings VALUES (?, ?)").run(name, value);
  }

  onChange(listener: ChangeListener): void {
    this.#listeners.push(listener);
  }

  close(): void {
    this.#database.close();
  }

  #change<K extends Kind>(ref: Ref<K>, change: (old: Resource<K>) => Resource<K>): void {
    this.transaction(() => {
      const old = this.get(ref);
      assert(old !== undefined, `${refKey(ref)} is not in the store`);
      const changed = change(old);
      if (changed !== old) this.#resources.put({ ...changed, revision: old.revision + 1 });
    });
  }

  #rollback(): void {
    this.#resources.rollback();
    if (this.#database.isTransaction) this.#database.exec("ROLLBACK");
  }

  #announce(changed: readonly Resource[]): void {
    if (changed.length === 0) return;
    for (const listener of this.#listeners) listener(changed);
  }
}

function plainRef(ref: Ref): Ref {
  return { kind: ref.kind, account: ref.account, region: ref.region, id: ref.id };
}
