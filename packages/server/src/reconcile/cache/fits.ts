import type { Clock } from "../../base/clock.ts";
import { withDeadline } from "../../base/deadline.ts";
import { usableBytes } from "../../engine/redis-family/settings.ts";
import type { CacheKind } from "../../resources/compile.ts";
import type { InstalledEngine } from "../../resources/engine-name.ts";
import { findNodeType } from "../../resources/node-types.ts";
import { refIn } from "../../resources/ref.ts";
import type { Resource } from "../../resources/resource.ts";
import type { Store } from "../../store/store.ts";
import type { Fleet } from "../fleet.ts";
import { parametersOf } from "../shard/observe.ts";
import { isSmaller } from "./planned.ts";

/** What the nodes' memory is read with. */
export interface FitTools {
  readonly store: Store;
  readonly clock: Clock;
  readonly fleet: Fleet;
  readonly installed: readonly InstalledEngine[];
}

const sampleWithinMs = 500;

/**
 * Whether a cache's data fits the smaller node type that waits. Null if none does, and while a node
 * cannot be read.
 */
export async function fitsPending(
  tools: FitTools,
  cache: Resource<CacheKind>,
): Promise<boolean | null> {
  const { pending, nodeType } = cache.spec;
  const wanted = pending?.nodeType ?? null;
  if (wanted === null || !isSmaller(wanted, nodeType)) return null;
  const fits = await Promise.all(
    tools.store
      .ownedBy("shard", cache)
      .map((shard) => fitsIn(tools, shard, wanted, pending?.engine?.parameterGroup)),
  );
  return fits.includes(null) ? null : !fits.includes(false);
}

/** Whether the data of a shard's primary fits nodes of that type. */
async function fitsIn(
  tools: FitTools,
  shard: Resource<"shard">,
  nodeTypeName: string,
  parameterGroup: string = shard.spec.parameterGroup,
): Promise<boolean | null> {
  const spec = { ...shard.spec, nodeType: nodeTypeName, parameterGroup };
  const nodeType = findNodeType(nodeTypeName);
  const used = await usedMemoryBytes(tools, shard);
  if (used === null || nodeType === undefined) return null;
  const { parameters } = parametersOf(tools.store, { ...shard, spec });
  return used <= usableBytes({ nodeType, parameters });
}

/** Asked for anew: the last sample is up to a second old, and much fits into a second. */
async function usedMemoryBytes(
  { store, clock, fleet }: FitTools,
  shard: Resource<"shard">,
): Promise<number | null> {
  const { primary } = shard.status;
  const node = primary === null ? undefined : store.get(refIn(shard, "node", primary));
  const session = node === undefined ? null : fleet.session(node);
  if (session === null) return null;
  try {
    const sample = await withDeadline(clock, "INFO memory", sampleWithinMs, session.sample());
    return sample.usedMemoryBytes;
  } catch {
    // A node that cannot be read is an observation: the change waits until it can.
    return null;
  }
}
