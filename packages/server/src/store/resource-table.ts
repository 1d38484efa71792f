import type { DatabaseSync, StatementSync } from "node:sqlite";
import { assert } from "../base/assert.ts";
import type { Clock } from "../base/clock.ts";
import { type Kind, type Ref, refKey } from "../resources/ref.ts";
import type { Resource } from "../resources/resource.ts";
import { claimsOf } from "./claims.ts";
import { byId, ResourceIndex, type ShelfName, shelvesOf } from "./resource-index.ts";
import { ClaimConflict, type Claims } from "./store.ts";

/** Clients look an endpoint up again within minutes; until then its address stays unused. */
const recentMs = 600_000;

/** A change of one row within the open transaction; null removes it. */
type Overlay = Map<string, Resource | null>;

/**
 * The resources, in memory and on disk. Writes go to the database at once and to an overlay in
 * memory, which joins the rest when the transaction commits and is dropped when it rolls back.
 */
export class ResourceTable {
  readonly #upsert: StatementSync;
  readonly #delete: StatementSync;
  readonly #index = new ResourceIndex();
  readonly #claims = new Map<string, string>();
  /** When each claim was given up, by the monotonic clock. */
  readonly #released = new Map<string, number>();
  readonly #clock: Clock;
  #overlay: Overlay = new Map();

  constructor(database: DatabaseSync, clock: Clock) {
    this.#clock = clock;
    this.#upsert = database.prepare(
      `INSERT OR REPLACE INTO resources (kind, account, region, id, generation, revision, spec,
         status, owner, created_at, deleting_since) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    );
    this.#delete = database.prepare(
      "DELETE FROM resources WHERE kind = ? AND account = ? AND region = ? AND id = ?",
    );
    for (const row of database.prepare("SELECT * FROM resources").all()) {
      this.#adopt(resourceOf(row));
    }
  }

  get<K extends Kind>(ref: Ref<K>): Resource<K> | undefined {
    const key = refKey(ref);
    const changed = this.#overlay.get(key);
    return (changed === undefined ? this.#index.get(key) : (changed ?? undefined)) as
      | Resource<K>
      | undefined;
  }

  /** The resources on a shelf, as the open transaction has them, in order of id. */
  list(name: ShelfName): readonly Resource[] {
    const committed = this.#index.list(name);
    if (this.#overlay.size === 0) return committed;
    const here = [...this.#overlay.values()].filter(
      (one) => one !== null && shelvesOf(one).includes(name),
    ) as Resource[];
    const kept = committed.filter((one) => !this.#overlay.has(refKey(one)));
    if (here.length === 0 && kept.length === committed.length) return committed;
    return [...kept, ...here].toSorted(byId);
  }

  /** Writes a row. Throws ClaimConflict when another resource holds what this one claims. */
  put(resource: Resource): void {
    const key = refKey(resource);
    for (const claim of claimsOf(resource)) {
      const holder = this.#holder(claim);
      if (holder !== undefined && holder !== key) {
        throw new ClaimConflict(`${key} cannot take ${claim}: ${holder} holds it`);
      }
    }
    const { kind, account, region, id, generation, revision, createdAt, deletingSince } = resource;
    const [spec, status] = [JSON.stringify(resource.spec), JSON.stringify(resource.status)];
    const owner = resource.owner === null ? null : JSON.stringify(resource.owner);
    this.#upsert.run(
      ...[kind, account, region, id, generation, revision, spec, status, owner],
      ...[createdAt, deletingSince],
    );
    this.#overlay.set(key, deepFreeze(resource));
  }

  delete(ref: Ref): void {
    this.#delete.run(ref.kind, ref.account, ref.region, ref.id);
    this.#overlay.set(refKey(ref), null);
  }

  claims(): Claims {
    assert(this.#overlay.size === 0, "claims are read outside transactions");
    const since = this.#clock.monotonicMs() - recentMs;
    for (const [claim, at] of this.#released) if (at < since) this.#released.delete(claim);
    return { held: new Set(this.#claims.keys()), recent: new Set(this.#released.keys()) };
  }

  /** Makes the overlay part of the rest; what changed or went, as it last was. */
  commit(): readonly Resource[] {
    const changed: Resource[] = [];
    for (const [key, resource] of this.#overlay) {
      const before = this.#index.get(key);
      if (before !== undefined) this.#release(key, before);
      if (resource === null) this.#index.delete(key);
      if (resource !== null) this.#adopt(resource);
      const last = resource ?? before;
      if (last !== undefined) changed.push(last);
    }
    this.#overlay = new Map();
    return changed;
  }

  rollback(): void {
    this.#overlay = new Map();
  }

  #holder(claim: string): string | undefined {
    for (const [key, changed] of this.#overlay) {
      if (changed !== null && claimsOf(changed).includes(claim)) return key;
    }
    const key = this.#claims.get(claim);
    return key === undefined || this.#overlay.has(key) ? undefined : key;
  }

  #adopt(resource: Resource): void {
    const key = refKey(resource);
    this.#index.put(key, resource);
    for (const claim of claimsOf(resource)) {
      this.#claims.set(claim, key);
      this.#released.delete(claim);
    }
  }

  #release(key: string, resource: Resource): void {
    for (const claim of claimsOf(resource)) {
      if (this.#claims.get(claim) !== key) continue;
      this.#claims.delete(claim);
      this.#released.set(claim, this.#clock.monotonicMs());
    }
  }
}

function resourceOf(row: Record<string, unknown>): Resource {
  return deepFreeze({
    kind: row["kind"] as Kind,
    account: row["account"] as string,
    region: row["region"] as string,
    id: row["id"] as string,
    generation: row["generation"] as number,
    revision: row["revision"] as number,
    spec: JSON.parse(row["spec"] as string),
    status: JSON.parse(row["status"] as string),
    owner: row["owner"] === null ? null : JSON.parse(row["owner"] as string),
    createdAt: row["created_at"] as string,
    deletingSince: row["deleting_since"] as string | null,
  });
}

function deepFreeze<T>(value: T): T {
  if (typeof value === "object" && value !== null && !Object.isFrozen(value)) {
    Object.values(value).forEach(deepFreeze);
    Object.freeze(value);
  }
  return value;
}
