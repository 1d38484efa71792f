import { parseClusterNodes } from "@larder/server/engine/redis-family/cluster-nodes.ts";
import type { Address } from "@larder/server/resources/address.ts";
import { refIn } from "@larder/server/resources/ref.ts";
import type { Resource } from "@larder/server/resources/resource.ts";
import { shardIdOf } from "@larder/server/resources/compile.ts";
import { formatSlots } from "@larder/server/resources/slots.ts";
import { describeReply, RespConnection, RespError } from "@larder/testkit/resp-connection.ts";
import { until } from "@larder/testkit/until.ts";
import { missingBetween } from "./cluster.ts";
import type { CrashShard, CrashWorld } from "./crash-world.ts";

/** Each of the few slots that move in one turn has some of so many. */
const keyCount = 2_000;
const replicatedWithinMs = 5_000;
/** News travels in rounds between nodes of a cluster. */
const agreedWithinMs = 10_000;

/** Writes keys all over a cluster that every replica has; resolves with what tells what is lost. */
export async function noteKeys(
  world: CrashWorld,
  id: string,
): Promise<() => Promise<readonly string[]>> {
  const value = `v${performance.now()}`;
  const primaries = primariesOf(world.shards("replication-group", id));
  const written = await Promise.all(primaries.map((one) => writeOwn(one, value)));
  const count = written.reduce((sum, one) => sum + one, 0);
  if (count !== keyCount) throw new Error(`${count} of ${keyCount} keys were taken`);
  return () => keyViolations(primariesOf(world.shards("replication-group", id)), value);
}

/** What does not hold in a cluster that is as asked, apart from its keys. */
export async function clusterViolations(world: CrashWorld, id: string): Promise<readonly string[]> {
  const all = world.shards("replication-group", id);
  const places = all
    .flatMap(({ nodes }) => nodes.map((node) => node.status.address))
    .filter((one) => one !== null);
  const group = world.store.get(refIn(world.call, "replication-group", id));
  if (group === undefined) return [`${id} is gone`];
  try {
    await until(
      "the cluster's nodes agree",
      async () => {
        const missing = [await missingBetween(places), await misplaced(group, all)];
        return missing.every((one) => one === "") || missing.join("; ");
      },
      { withinMs: agreedWithinMs },
    );
    return [];
  } catch (error) {
    return [String(error)];
  }
}

/** Who holds other slots than the layout says, or one that is still on its way; "" for nobody. */
async function misplaced(
  { spec }: Resource<"replication-group">,
  all: readonly CrashShard[],
): Promise<string> {
  const found = await Promise.all(
    all.map(async (one) => {
      const wanted = spec.shards.find(({ id }) => id === shardIdOf(one.shard));
      if (wanted === undefined) return `${one.shard.id} is not asked for`;
      const { host, port } = primaryOf(one);
      using connection = await RespConnection.open(host, port);
      const view = parseClusterNodes(await connection.text("CLUSTER", "NODES"));
      const open = view.openSlots.map(({ slot, direction }) => `${direction} ${slot}`);
      if (open.length > 0) return `${one.shard.id} is still ${open.join(", ")}`;
      const held = formatSlots(view.nodes.find((node) => node.id === view.self)?.slots ?? []);
      const asked = formatSlots(wanted.slots);
      return held === asked ? "" : `${one.shard.id} holds ${held}, not ${asked}`;
    }),
  );
  return found.filter((one) => one !== "").join("; ");
}

function primariesOf(shards: readonly CrashShard[]): readonly Primary[] {
  return shards.map((one) => ({ ...primaryOf(one), replicas: one.nodes.length - 1 }));
}

interface Primary extends Address {
  readonly replicas: number;
}

function primaryOf({ shard, nodes }: CrashShard): Address {
  const address = nodes.find((one) => one.id === shard.status.primary)?.status.address;
  if (address === undefined || address === null) throw new Error(`${shard.id} has no primary`);
  return address;
}

const names = Array.from({ length: keyCount }, (_, number) => `kept-${number}`);

/** Sets those of the keys whose slots the node has; resolves with how many they are. */
async function writeOwn({ host, port, replicas }: Primary, value: string): Promise<number> {
  using connection = await RespConnection.open(host, port);
  const replies = await Promise.all(names.map((name) => connection.send("SET", name, value)));
  const isElsewhere = (reply: unknown) =>
    reply instanceof RespError && reply.message.startsWith("MOVED");
  const refused = replies.find((reply) => reply !== "OK" && !isElsewhere(reply));
  if (refused !== undefined) throw new Error(`a write was answered ${describeReply(refused)}`);
  const having = await connection.send("WAIT", String(replicas), String(replicatedWithinMs));
  if (having !== replicas) throw new Error(`only ${describeReply(having)} replicas have the keys`);
  return replies.filter((reply) => reply === "OK").length;
}

/** Every key is to be on one primary and no other, with its value. */
async function keyViolations(
  primaries: readonly Primary[],
  value: string,
): Promise<readonly string[]> {
  const held = await Promise.all(primaries.map(holding));
  const found = { lost: 0, doubled: 0, changed: 0 };
  for (const name of names) {
    const values = held.map((one) => one.get(name)).filter((one) => one !== undefined);
    if (values.length === 0) found.lost += 1;
    if (values.length > 1) found.doubled += 1;
    if (values.some((one) => one !== value)) found.changed += 1;
  }
  return Object.entries(found)
    .filter(([, count]) => count > 0)
    .map(([what, count]) => `${count} of ${keyCount} keys are ${what}`);
}

/** The keys that a node has, whether or not clients would find them there, with their values. */
async function holding({ host, port }: Address): Promise<ReadonlyMap<string, string>> {
  using connection = await RespConnection.open(host, port);
  const keys = await connection.send("KEYS", "kept-*");
  if (!Array.isArray(keys)) throw new Error(`KEYS was answered ${describeReply(keys)}`);
  const read = keys.map(async (key) => {
    const value = await connection.send("GET", String(key));
    return [String(key), typeof value === "string" ? value : describeReply(value)] as const;
  });
  return new Map(await Promise.all(read));
}
