import type { CacheEvent, EventDraft } from "../resources/event.ts";
import type { Home, Kind, Ref } from "../resources/ref.ts";
import type { Resource, Spec, Status } from "../resources/resource.ts";

/** Thrown when a write would give two resources the same claim (an address, a directory). */
export class ClaimConflict extends Error {
  override readonly name = "ClaimConflict";
}

/** Addresses, as "host:port". */
export interface Claims {
  readonly held: ReadonlySet<string>;
  /** Given up in the last minutes: clients of the last holder may still come there. */
  readonly recent: ReadonlySet<string>;
}

/** Told after a commit, with what changed or went, as it last was. A wake-up, not news. */
export type ChangeListener = (changed: readonly Resource[]) => void;

/** Which events to list; times are ISO. */
export interface EventQuery extends Home {
  readonly sourceType?: string | undefined;
  readonly sourceId?: string | undefined;
  readonly from: string;
  readonly to: string;
}

/**
 * Desired and observed state. Reads come from memory; a write is committed to disk before the
 * call returns. Synchronous throughout, so that a transaction can never interleave with another.
 */
export interface Store {
  get<K extends Kind>(ref: Ref<K>): Resource<K> | undefined;
  /** All of a kind in one account and region, in order of id. */
  list<K extends Kind>(kind: K, home: Home): readonly Resource<K>[];
  /** All of a kind in every account and region. */
  listAll<K extends Kind>(kind: K): readonly Resource<K>[];
  /** The resources that `owner` owns, in order of id. */
  ownedBy<K extends Kind>(kind: K, owner: Ref): readonly Resource<K>[];
  /** Runs `work` in one transaction: all of its writes, or none if it throws. Nested calls join. */
  transaction<T>(work: () => T): T;
  /** Adds a resource; asserts that there is none of that ref. */
  create<K extends Kind>(
    ref: Ref<K>,
    spec: Spec<K>,
    status: Status<K>,
    owner: Ref | null,
  ): Resource<K>;
  /** Replaces the spec; the generation rises only if it differs. */
  setSpec<K extends Kind>(ref: Ref<K>, spec: Spec<K>): void;
  setStatus<K extends Kind>(ref: Ref<K>, status: Status<K>): void;
  setOwner(ref: Ref, owner: Ref | null): void;
  /** Marks the resource to go; its reconciler removes it when nothing of it is left. */
  markDeleting(ref: Ref): void;
  /** Removes the row, with its tags and secret. */
  remove(ref: Ref): void;
  /** Addresses that resources hold, or held lately. */
  claims(): Claims;

  /** Tags of a resource, or of a member that its parent describes; in order of key. */
  tags(ref: Ref): ReadonlyMap<string, string>;
  setTags(ref: Ref, tags: ReadonlyMap<string, string>): void;

  /** The secret of a cache, made at first use. Kept apart from specs, so that nothing shows it. */
  controlPassword(cache: Ref): string;
  /** Gives `to` the secret of `from`: a cache that goes on under another front door. */
  moveSecret(from: Ref, to: Ref): void;

  addEvents(home: Home, events: readonly EventDraft[]): void;
  /** Newest first. */
  events(query: EventQuery): readonly CacheEvent[];

  /** A server-wide setting, e.g. whether every node is to be stopped. */
  setting(name: string): string | null;
  setSetting(name: string, value: string): void;

  onChange(listener: ChangeListener): void;
  close(): void;
}
