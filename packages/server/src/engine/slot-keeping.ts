import type { Address } from "../resources/address.ts";

/** A key of the data set, as its bytes. */
export type Key = Buffer;

/** A key and the memory that it takes with its value. */
export interface SizedKey {
  readonly key: Key;
  readonly bytes: number;
}

/** Keys of one slot that travel in one command. */
export interface KeyBatch {
  readonly keys: readonly Key[];
  /** What they take in memory, as far as it is known. */
  readonly bytes: number;
}

/** A primary's slots, and the keys in them. Every call may be repeated. */
export interface SlotKeeping {
  /** Accepts keys of the slots from the node `from`, for clients that were told to ask here. */
  importFrom(slots: readonly number[], from: string): Promise<void>;
  /** Sends clients that miss a key of the slots to the node `to`. */
  migrateTo(slots: readonly number[], to: string): Promise<void>;
  /** Has the node know that the node `owner` serves the slots. */
  assign(slots: readonly number[], owner: string): Promise<void>;
  /** The slots are no longer on their way, whoever serves them. */
  close(slots: readonly number[]): Promise<void>;
  /** How new each primary's claim to its slots is, as far as this node knows, by node id. */
  claims(): Promise<ReadonlyMap<string, number>>;
  /** Makes the node's own claim newer than all that it knows of, if it is not the newest. */
  renewClaim(): Promise<void>;
  /** For each slot, how many keys there are. */
  countKeys(slots: readonly number[]): Promise<readonly number[]>;
  /** For each slot, at most `most` of its keys. */
  keysIn(slots: readonly number[], most: number): Promise<readonly (readonly Key[])[]>;
  /** The memory that each key takes; 0 for one that is gone. */
  sizesOf(keys: readonly Key[]): Promise<readonly SizedKey[]>;
  /**
   * Gives each batch to the node at `to`, which keeps this node from anything else meanwhile.
   * Resolves with null for a batch that went over, else with the reason. A key that is there
   * already is replaced: while a slot is on its way, its giver's copy is the one clients see.
   */
  give(
    batches: readonly KeyBatch[],
    to: Address,
    withinMs: number,
  ): Promise<readonly (string | null)[]>;
  /** How many bytes of data fit in yet. */
  freeBytes(): Promise<number>;
  /** The library of functions, for `loadFunctions` of another node. */
  functions(): Promise<Buffer>;
  loadFunctions(library: Buffer): Promise<void>;
  /** Gives back what was taken to be quick; the next call takes it again. */
  release(): void;
}
