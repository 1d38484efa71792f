import { migrateSlots, type SlotHolder, type SlotRefusal } from "../../engine/slot-migration.ts";
import { refIn } from "../../resources/ref.ts";
import type { Resource } from "../../resources/resource.ts";
import type { ClusterTools } from "./observe.ts";
import type { NodeSlotMove } from "./steps.ts";

type Group = Resource<"replication-group">;

/** Then the pass ends, so that progress shows and whatever happened meanwhile is seen. */
const turnMs = 2_000;

/** Moves slots with their keys, side by side. */
export async function moveSlots(
  tools: ClusterTools,
  group: Group,
  moves: readonly NodeSlotMove[],
  signal: AbortSignal,
): Promise<void> {
  const endMs = tools.clock.monotonicMs() + turnMs;
  const goesOn = () => !signal.aborted && tools.clock.monotonicMs() < endMs;
  const results = await Promise.allSettled(
    moves.map((move) => moveBetween(tools, group, move, goesOn)),
  );
  // Not before all are through: several may share a taker.
  for (const id of new Set(moves.flatMap(({ from, to }) => [from, to]))) {
    tools.fleet.session(refIn(group, "node", id))?.slots?.release();
  }
  for (const result of results) if (result.status === "rejected") throw result.reason;
}

/** Loads the functions of one node into another. */
export async function copyFunctions(
  tools: ClusterTools,
  group: Group,
  from: string,
  to: string,
): Promise<void> {
  const library = await (await holderOf(tools, group, from)).slots.functions();
  await (await holderOf(tools, group, to)).slots.loadFunctions(library);
}

/** Has a node know whose slots are. */
export async function assignSlots(
  tools: ClusterTools,
  group: Group,
  node: string,
  owner: string,
  slots: readonly number[],
): Promise<void> {
  const holder = await holderOf(tools, group, node);
  try {
    await holder.slots.assign(slots, owner);
  } finally {
    holder.slots.release();
  }
}

/** Has a node take slots for settled. */
export async function closeSlots(
  tools: ClusterTools,
  group: Group,
  node: string,
  slots: readonly number[],
): Promise<void> {
  const holder = await holderOf(tools, group, node);
  try {
    await holder.slots.close(slots);
  } finally {
    holder.slots.release();
  }
}

async function moveBetween(
  tools: ClusterTools,
  group: Group,
  { from, to, slots }: NodeSlotMove,
  goesOn: () => boolean,
): Promise<void> {
  const [giver, taker] = await Promise.all([
    holderOf(tools, group, from),
    holderOf(tools, group, to),
  ]);
  const onQuiet = (forMs: number) => {
    for (const id of [from, to]) tools.fleet.allowSilence(refIn(group, "node", id), forMs);
  };
  const { refusal } = await migrateSlots({ giver, taker, slots, goesOn, onQuiet });
  if (refusal !== null) recordRefusal(tools, group, refusal);
}

/** The next pass gives up, and says why. */
function recordRefusal({ store }: ClusterTools, group: Group, refusal: SlotRefusal): void {
  const now = store.get(group);
  if (now === undefined || now.status.resharding === null) return;
  const resharding = { ...now.status.resharding, refusal: sentence(refusal) };
  store.setStatus(group, { ...now.status, resharding });
}

function sentence({ slot, reason, bytes }: SlotRefusal): string {
  const size = `${Math.ceil(bytes / 1_048_576)} MB`;
  return reason === "item-too-large"
    ? `slot ${slot} has an item of ${size}, and items beyond 256 MB do not move`
    : `the shard that slot ${slot} would move to lacks memory for ${size}`;
}

async function holderOf(tools: ClusterTools, group: Group, id: string): Promise<SlotHolder> {
  const session = tools.fleet.session(refIn(group, "node", id));
  // A node without a connection is no bug: it may just have ended.
  if (session?.cluster === undefined || session.slots === undefined) {
    throw new Error(`${id} cannot be reached`);
  }
  const { address, cluster, slots } = session;
  return { nodeId: (await cluster.view()).self, address, cluster, slots };
}
