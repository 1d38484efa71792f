import { expect, test } from "vitest";
import type { ReplicationView } from "../../engine/engine.ts";
import type {
  GlobalReplicationGroupStatus,
  MemberName,
} from "../../resources/global-replication-group.ts";
import type { Resource } from "../../resources/resource.ts";
import type { ShardStatus } from "../../resources/shard.ts";
import type { SeenGlobalMember } from "./observe.ts";
import { planGlobal } from "./plan.ts";

const near: MemberName = { region: "us-east-1", id: "near" };
const far: MemberName = { region: "eu-west-1", id: "far" };

function holdersAfter(
  before: readonly string[],
  offset: number | null,
  status: Partial<ShardStatus>,
): readonly string[] {
  const members = [near, far].map((one) => ({ ...one, leaving: false }));
  const standing: GlobalReplicationGroupStatus = {
    ...{ state: "available", settledGeneration: 1, because: "", primary: near, relief: null },
    ...{ associated: [], holders: before },
  };
  const global = {
    ...{ kind: "global-replication-group", id: "ldgnf-g", generation: 1, deletingSince: null },
    ...{ spec: { description: "", members, primary: near, changes: 0 }, status: standing },
  } as unknown as Resource<"global-replication-group">;
  const seen = members.map((member): SeenGlobalMember => {
    const own = member.id === "far" ? status : { upstreamLink: null };
    const found = member.id === "far" ? offset : 100;
    const shard = {
      ...{ id: "s/0001", spec: { upstream: null, outside: [] } },
      status: { dataLost: false, ...own },
    } as unknown as Resource<"shard">;
    const view = found === null ? null : ({ role: "replica", offset: found } as ReplicationView);
    return { member, group: undefined, shards: [{ shard, view }] };
  });
  return planGlobal(global, seen, new Date(0)).status.holders;
}

test.each([
  ["follows from the beginning of the stream", [], 0, { upstreamLink: "up" }, true],
  ["has read some of the stream", [], 14, { upstreamLink: "down" }, true],
  ["is copying for the first time", [], 0, { upstreamLink: "syncing" }, false],
  ["held it, and cannot be read", ["eu-west-1/far"], null, { upstreamLink: "down" }, true],
  ["never held it, and cannot be read", [], null, { upstreamLink: "down" }, false],
  ["lost it", ["eu-west-1/far"], 14, { upstreamLink: "down", dataLost: true }, false],
] as const)("whether a secondary holds the data that %s", (_, before, offset, status, holds) => {
  expect(holdersAfter(before, offset, status).includes("eu-west-1/far")).toBe(holds);
});
