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

interface Look {
  readonly state?: GlobalReplicationGroupStatus["state"];
  readonly holders?: readonly string[];
  /** What the secondary's primary has read; null while that cannot be read. */
  readonly offset?: number | null;
  /** What its shard was seen to be. */
  readonly shard?: Partial<ShardStatus>;
  readonly isSettled?: boolean;
}

/** The status after a look at a datastore of two, of which nothing else was asked since it settled. */
function statusAfter(look: Look): GlobalReplicationGroupStatus {
  const { state = "available", holders = [], offset = 100, isSettled = true } = look;
  const members = [near, far].map((one) => ({ ...one, leaving: false }));
  const standing: GlobalReplicationGroupStatus = {
    ...{ state, settledGeneration: 1, because: "", primary: near, relief: null, holders },
    associated: ["us-east-1/near", "eu-west-1/far"],
  };
  const global = {
    ...{ kind: "global-replication-group", account: "0", id: "ldgnf-g", generation: 1 },
    ...{ deletingSince: null, status: standing },
    spec: { description: "", members, primary: near, changes: 0 },
  } as unknown as Resource<"global-replication-group">;
  const group = {
    ...{ generation: 1, deletingSince: null, spec: { clusterMode: "disabled" } },
    status: { state: isSettled ? "available" : "modifying", settledGeneration: 1, slotsHeld: {} },
  } as unknown as Resource<"replication-group">;
  const seen = members.map((member): SeenGlobalMember => {
    const isFar = member.id === "far";
    const own = isFar ? (look.shard ?? { upstreamLink: "up" }) : { upstreamLink: null };
    const upstream = isFar ? { kind: "cache", cache: near } : null;
    const shard = {
      ...{ id: "s/0001", spec: { upstream, outside: [] } },
      status: { dataLost: false, ...own },
    } as unknown as Resource<"shard">;
    const found = isFar ? offset : 100;
    const view = found === null ? null : ({ role: "replica", offset: found } as ReplicationView);
    return { member, group, shards: [{ shard, view }] };
  });
  return planGlobal(global, seen, new Date(0)).status;
}

test.each([
  ["follows from the beginning of the stream", [], 0, { upstreamLink: "up" }, true],
  ["has read some of the stream", [], 14, { upstreamLink: "down" }, true],
  ["is copying for the first time", [], 0, { upstreamLink: "syncing" }, false],
  ["held it, and cannot be read", ["eu-west-1/far"], null, { upstreamLink: "down" }, true],
  ["never held it, and cannot be read", [], null, { upstreamLink: "down" }, false],
  ["lost it", ["eu-west-1/far"], 14, { upstreamLink: "down", dataLost: true }, false],
] as const)("whether a secondary holds the data that %s", (_, holders, offset, shard, holds) => {
  const status = statusAfter({ holders, offset, shard });
  expect(status.holders.includes("eu-west-1/far")).toBe(holds);
});

test("a member that changes by itself leaves its datastore available", () => {
  expect(statusAfter({ isSettled: false }).state).toBe("available");
});

test("after one stood in for another, it is available once both have their roles again", () => {
  const known = { state: "modifying", holders: ["us-east-1/near", "eu-west-1/far"] } as const;
  expect(statusAfter({ ...known, isSettled: false }).state).toBe("modifying");
  expect(statusAfter({ ...known, shard: { upstreamLink: "down" } }).state).toBe("modifying");
  expect(statusAfter(known).state).toBe("available");
});
