import {
  CreateReplicationGroupCommand,
  DescribeReplicationGroupsCommand,
} from "@aws-sdk/client-elasticache";
import type { NodeReport } from "@larder/server/resources/status-report.ts";
import { parseSlots, slotCount, slotsIn } from "@larder/server/resources/slots.ts";
import { describeReply, RespConnection } from "@larder/testkit/resp-connection.ts";
import { until } from "@larder/testkit/until.ts";
import { waitForGroup } from "@larder/testkit/wait-for.ts";
import { type Arena, placeOf, type Place, roleOf } from "./arena.ts";

/** One shard of a cluster. */
export interface ClusterShard {
  readonly id: string;
  readonly primary: NodeReport & { readonly pid: number };
  /** Where its nodes are, in the order of their ids. */
  readonly places: readonly [Place, ...Place[]];
  /** A hash tag whose slot the shard has: keys "{tag}…" are its. */
  readonly tag: string;
}

/** Makes a cluster and waits until it is there: a primary in each shard, and replicas. */
export async function createCluster(
  arena: Arena,
  id: string,
  about: { readonly engine: string; readonly shards: number; readonly replicas: number },
): Promise<void> {
  const family = about.engine === "redis" ? "redis7" : "valkey8";
  await arena.client.send(
    new CreateReplicationGroupCommand({
      ReplicationGroupId: id,
      ReplicationGroupDescription: "chaos",
      Engine: about.engine,
      CacheNodeType: "cache.t4g.small",
      NumNodeGroups: about.shards,
      ReplicasPerNodeGroup: about.replicas,
      AutomaticFailoverEnabled: true,
      MultiAZEnabled: about.replicas > 0,
      CacheParameterGroupName: `default.${family}.cluster.on`,
    }),
  );
  await waitForGroup(arena.client, id, "available", 60_000);
}

/** The shards of a cluster, each with the node that the server takes for its primary. */
export async function shardsOf(arena: Arena, id: string): Promise<readonly ClusterShard[]> {
  const described = new DescribeReplicationGroupsCommand({ ReplicationGroupId: id });
  const { ReplicationGroups: [group] = [] } = await arena.client.send(described);
  const { shards } = await arena.cache(id);
  return Promise.all(
    shards.map(async (shard) => {
      const primary = shard.nodes.find(({ role }) => role === "primary");
      const [first, ...others] = shard.nodes.map(({ address }) => placeOf(address));
      if (first === undefined || primary === undefined || primary.pid === null) {
        throw new Error(`shard ${shard.id} of ${id} has no primary now`);
      }
      const slots = group?.NodeGroups?.find((one) => one.NodeGroupId === shard.id)?.Slots;
      const tag = await tagIn(placeOf(primary.address), slots ?? "");
      const withPid = { ...primary, pid: primary.pid };
      return { id: shard.id, primary: withPid, places: [first, ...others], tag } as const;
    }),
  );
}

/** A hash tag whose slot is among `slots`, as the engine counts. */
async function tagIn({ host, port }: Place, slots: string): Promise<string> {
  const wanted = new Set(slotsIn(parseSlots(slots) ?? []));
  using connection = await RespConnection.open(host, port);
  for (let number = 0; number < slotCount; number += 1) {
    const slot = await connection.send("CLUSTER", "KEYSLOT", `{t${number}}`);
    if (wanted.has(Number(slot))) return `t${number}`;
  }
  throw new Error(`no hash tag has a slot of ${slots}`);
}

/**
 * Resolves once the cluster is `available`, every node says itself that it does its part, and all
 * of them agree on who has which slot, of which none is nobody's.
 */
export async function wholeCluster(arena: Arena, id: string, withinMs = 60_000): Promise<void> {
  const deadline = performance.now() + withinMs;
  await waitForGroup(arena.client, id, "available", withinMs);
  await until(
    `every shard of ${id} is whole, and all slots are held`,
    async () => {
      const { shards } = await arena.cache(id);
      const places = shards.flatMap(({ nodes }) => nodes.map(({ address }) => placeOf(address)));
      const missing = await Promise.all([
        ...shards.map((shard) => missingIn(shard.id, shard.nodes)),
        missingBetween(places),
      ]);
      return missing.every((one) => one === "") || missing.filter((one) => one !== "").join("; ");
    },
    { withinMs: Math.max(0, deadline - performance.now()) },
  );
}

/** What a shard lacks of one primary with every other node online; "" for nothing. */
async function missingIn(shard: string, nodes: readonly NodeReport[]): Promise<string> {
  const roles = await Promise.all(
    nodes.map(async ({ role, address }) => `${role} ${await roleOf(placeOf(address))}`),
  );
  const replicas = nodes.length - 1;
  const expected = [
    `primary master ${replicas}`,
    ...Array.from({ length: replicas }, () => "replica slave up"),
  ];
  const seen = roles.toSorted().join(", ");
  return seen === expected.toSorted().join(", ") ? "" : `shard ${shard} is ${seen}`;
}

/** What the nodes of a cluster miss until all serve and agree on who has which slots; or "". */
export async function missingBetween(places: readonly Place[]): Promise<string> {
  const missing = await Promise.all([
    ...places.map((place) => missingAt(place, places.length)),
    ownership(places),
  ]);
  return missing.filter((one) => one !== "").join("; ");
}

/** What a node itself misses in its cluster; "" for nothing. */
async function missingAt({ host, port }: Place, nodes: number): Promise<string> {
  using connection = await RespConnection.open(host, port, 500);
  const info = await connection.text("CLUSTER", "INFO");
  const expected = [
    "cluster_state:ok",
    `cluster_slots_ok:${slotCount}`,
    `cluster_known_nodes:${nodes}`,
  ];
  const lacking = expected.filter((line) => !info.includes(`${line}\r`));
  return lacking.length === 0 ? "" : `${host} has not ${lacking.join(", ")}`;
}

/** How the nodes differ about who has which slots; "" when they agree. */
async function ownership(places: readonly Place[]): Promise<string> {
  const views = await Promise.all(
    places.map(async ({ host, port }) => {
      using connection = await RespConnection.open(host, port, 500);
      const reply = await connection.send("CLUSTER", "SLOTS");
      if (!Array.isArray(reply)) return `${host} says ${describeReply(reply)}`;
      // [first, last, [primary's host, port, …], …replicas]
      return reply
        .map((range) => (Array.isArray(range) ? range.slice(0, 3).flat().slice(0, 4).join() : "?"))
        .toSorted()
        .join(" ");
    }),
  );
  const [first] = views;
  const other = views.find((one) => one !== first);
  return other === undefined ? "" : `some say ${first}, others ${other}`;
}
