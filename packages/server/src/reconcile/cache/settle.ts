import { isDeepStrictEqual } from "node:util";
import { type CacheKind, newShardStatus } from "../../resources/compile.ts";
import type { Ref } from "../../resources/ref.ts";
import type { Resource } from "../../resources/resource.ts";
import type { ShardSpec, ShardStatus } from "../../resources/shard.ts";
import type { Write } from "../reconciler.ts";

/** A shard that a cache asks for. */
export interface WantedShard {
  readonly ref: Ref<"shard">;
  readonly spec: ShardSpec;
}

/** What a cache's pass comes to, whichever front door the cache has. */
export interface CacheOutcome {
  readonly state: "creating" | "available" | "modifying" | "deleting" | "create-failed";
  readonly settledGeneration: number;
  readonly because: string;
  readonly writes: readonly Write[];
  readonly gone: boolean;
}

/** Compares the shards asked for with those that are there. */
export function settleCache(
  cache: Resource<CacheKind>,
  wanted: readonly WantedShard[],
  shards: readonly Resource<"shard">[],
): CacheOutcome {
  const { settledGeneration } = cache.status;
  if (cache.deletingSince !== null) {
    const because = "it is being deleted";
    const writes = shards.filter(stays).map(markDeleting);
    const gone = shards.length === 0;
    return { state: "deleting", settledGeneration, because, writes, gone };
  }
  const writes = [
    ...wanted.flatMap((one) => writesFor(cache, one, shards)),
    ...shards
      .filter((shard) => stays(shard) && !wanted.some((one) => one.ref.id === shard.id))
      .map(markDeleting),
  ];
  const unsettled = wanted
    .map((one) => shards.find((shard) => shard.id === one.ref.id))
    .find((shard) => shard === undefined || !isSettled(shard));
  if (writes.length === 0 && unsettled === undefined && shards.length === wanted.length) {
    const because = "all is as asked";
    const { generation } = cache;
    return { state: "available", settledGeneration: generation, because, writes, gone: false };
  }
  const isNew = settledGeneration === 0;
  const failed = shards.find((shard) => shard.status.state === "create-failed");
  const state = isNew ? (failed === undefined ? "creating" : "create-failed") : "modifying";
  const because = (failed ?? unsettled)?.status.because ?? "its shards are being changed";
  return { state, settledGeneration, because, writes, gone: false };
}

function writesFor(
  cache: Resource<CacheKind>,
  wanted: WantedShard,
  shards: readonly Resource<"shard">[],
): readonly Write[] {
  const { ref, spec } = wanted;
  const shard = shards.find((one) => one.id === ref.id);
  if (shard === undefined) {
    const status: ShardStatus = newShardStatus;
    return [{ write: "create", ref, spec, status, owner: cache }];
  }
  return isDeepStrictEqual(shard.spec, spec) ? [] : [{ write: "spec", ref, spec }];
}

function isSettled(shard: Resource<"shard">): boolean {
  const { state, settledGeneration } = shard.status;
  return state === "available" && settledGeneration === shard.generation;
}

function stays(shard: Resource<"shard">): boolean {
  return shard.deletingSince === null;
}

function markDeleting(shard: Resource<"shard">): Write {
  return { write: "mark-deleting", ref: shard };
}
