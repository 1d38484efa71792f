import {
  CreateCacheParameterGroupCommand,
  DeleteReplicationGroupCommand,
  ModifyReplicationGroupCommand,
  type ModifyReplicationGroupCommandInput,
  RebootCacheClusterCommand,
} from "@aws-sdk/client-elasticache";
import { waitForCluster, waitForNoGroup } from "@larder/testkit/wait-for.ts";
import type { Arena } from "../arena.ts";
import { type Result, within } from "../report.ts";
import {
  changedWithinMs,
  changeUnderWrites,
  createGroup,
  lineOf,
  openArena,
  type Round,
  type ScaleOptions,
  summarize,
} from "./rounds.ts";

/** Planned changes may keep writes waiting this long. */
const gapMaxMs = 100;

/** The node type goes up and down again. */
export async function nodeTypeChanged(options: ScaleOptions): Promise<Result> {
  const { engine, replicas, say } = options;
  await using arena = await openArena(engine);
  await createGroup(arena, "shop", options);
  const rounds: Round[] = [];
  for (let round = 1; round <= options.rounds; round += 1) {
    const CacheNodeType = round % 2 === 1 ? "cache.t4g.medium" : "cache.t4g.small";
    const change = () => modify(arena, "shop", { CacheNodeType });
    const seen = await changeUnderWrites(arena, "shop", `type-${round}`, replicas, change);
    rounds.push(seen);
    say(`node type, ${replicas} replicas, ${engine} ${round}: ${lineOf(seen)}`);
  }
  return summarize(
    { id: `TYPE-${replicas}`, title: `node type changed, ${replicas} replicas`, engine },
    rounds,
    await arena.leftovers(),
    within(gapsOf(rounds), { max: gapMaxMs }),
  );
}

/** Redis becomes valkey, with a parameter group of its family. */
export async function engineUpgraded(options: Omit<ScaleOptions, "engine">): Promise<Result> {
  const { replicas, say } = options;
  await using arena = await openArena("redis");
  const group = { CacheParameterGroupName: "own", CacheParameterGroupFamily: "valkey8" };
  await arena.client.send(new CreateCacheParameterGroupCommand({ ...group, Description: "d" }));
  const rounds: Round[] = [];
  for (let round = 1; round <= options.rounds; round += 1) {
    const id = `shop-${round}`;
    await createGroup(arena, id, { engine: "redis", replicas }, { EngineVersion: "7.0" });
    const upgrade = { Engine: "valkey", EngineVersion: "8.0", CacheParameterGroupName: "own" };
    const change = () => modify(arena, id, upgrade);
    const seen = await changeUnderWrites(arena, id, `upgrade-${round}`, replicas, change);
    rounds.push(seen);
    say(`redis to valkey, ${replicas} replicas, ${round}: ${lineOf(seen)}`);
    await arena.client.send(new DeleteReplicationGroupCommand({ ReplicationGroupId: id }));
    await waitForNoGroup(arena.client, id, changedWithinMs);
  }
  return summarize(
    {
      id: `UPGRADE-${replicas}`,
      title: `redis 7.0 to valkey 8.0, ${replicas} replicas`,
      engine: "",
    },
    rounds,
    await arena.leftovers(),
    within(gapsOf(rounds), { max: gapMaxMs }),
  );
}

/** Every node is rebooted in turn, as for parameters that wait for it. */
export async function nodesRebooted(options: ScaleOptions): Promise<Result> {
  const { engine, replicas, say } = options;
  await using arena = await openArena(engine);
  await createGroup(arena, "shop", options);
  const rounds: Round[] = [];
  for (let round = 1; round <= options.rounds; round += 1) {
    const change = async () => {
      for (let node = 1; node <= replicas + 1; node += 1) await reboot(arena, `shop-00${node}`);
    };
    const seen = await changeUnderWrites(arena, "shop", `reboot-${round}`, replicas, change);
    rounds.push(seen);
    say(`reboots, ${replicas} replicas, ${engine} ${round}: ${lineOf(seen)}`);
  }
  return summarize(
    { id: `REBOOT-${replicas}`, title: `every node rebooted, ${replicas} replicas`, engine },
    rounds,
    await arena.leftovers(),
    within(gapsOf(rounds), { max: gapMaxMs }),
  );
}

/** Asks for a change of a group, at once. */
export async function modify(
  arena: Arena,
  id: string,
  settings: Partial<ModifyReplicationGroupCommandInput>,
): Promise<void> {
  const input = { ReplicationGroupId: id, ApplyImmediately: true, ...settings };
  await arena.client.send(new ModifyReplicationGroupCommand(input));
}

async function reboot(arena: Arena, id: string): Promise<void> {
  const command = { CacheClusterId: id, CacheNodeIdsToReboot: ["0001"] };
  await arena.client.send(new RebootCacheClusterCommand(command));
  await waitForCluster(arena.client, id, "available", changedWithinMs);
  await arena.settled(changedWithinMs);
}

function gapsOf(rounds: readonly Round[]): readonly number[] {
  return rounds.map((one) => one.gapMs);
}
