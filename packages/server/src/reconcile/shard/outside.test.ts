import { describe, expect, test } from "vitest";
import type { ClusterNode, ReplicationView } from "../../engine/engine.ts";
import type { NodeStatus } from "../../resources/node.ts";
import type { Resource } from "../../resources/resource.ts";
import { evenSlots } from "../../resources/slots.ts";
import type { OutsideShard } from "../../resources/upstream.ts";
import { inStepWithUpstream, startsToFollow } from "./outside.ts";
import type { SeenMember, SeenShard } from "./seen.ts";

const at = (number: number) => ({ host: `127.32.0.${number}`, port: 6_379 });
const outside: readonly OutsideShard[] = evenSlots(2).map((slots, index) => ({
  ...{ id: `000${index + 1}`, primary: at(index + 1), slots: [slots] },
}));
const shard = {
  spec: { outside, upstream: { kind: "cache", address: at(1), cache: {} } },
} as unknown as Resource<"shard">;

interface Look {
  /** Whom the node follows in its own view of its cluster; null for a primary. */
  readonly follows?: number | null;
  readonly knows?: readonly OutsideShard[];
  readonly linkUp?: boolean;
  readonly running?: boolean;
}

function member(id: string, { follows = 1, knows = outside, ...look }: Look = {}): SeenMember {
  const { linkUp = true, running = true } = look;
  const node = (name: string, primaryId: string | null, slots: ClusterNode["slots"]) =>
    ({
      ...{ id: name, primaryId, slots, role: primaryId === null ? "primary" : "replica" },
      address: name === "self" ? at(100) : (knows.find((one) => one.id === name)?.primary ?? null),
    }) as ClusterNode;
  const nodes = [
    node("self", follows === null ? null : `000${follows}`, []),
    ...knows.map((one) => node(one.id, null, one.slots)),
  ];
  const link = { primary: at(follows ?? 100), up: linkUp, syncing: false };
  return {
    ...{ id, running, hung: false, connected: true, hosts: [] },
    node: {
      spec: { launch: { number: 1, run: true } },
      status: { address: at(100), launched: 1, state: "running" } as NodeStatus,
    },
    view: { role: "replica", link } as ReplicationView,
    cluster: { self: "self", ok: true, nodes, openSlots: [] },
  } as unknown as SeenMember;
}

function startsAnew(...members: readonly SeenMember[]): readonly string[] {
  const seen = { members } as unknown as SeenShard;
  return members.filter((one) => startsToFollow(shard, one, seen)).map(({ id }) => id);
}

describe("a node of a shard that follows one outside", () => {
  test("goes on while it follows it and knows whose slots are", () => {
    expect(startsAnew(member("a"), member("b"))).toEqual([]);
  });

  test("starts anew to follow it, at once with all that do not", () => {
    const members = [member("a", { follows: null }), member("b"), member("c", { follows: 2 })];
    expect(startsAnew(...members)).toEqual(["a", "c"]);
  });

  test("starts anew to learn whose slots are now, one after the other", () => {
    const knows = [{ ...outside[0]!, slots: evenSlots(1) }];
    const [first, second] = [member("a", { knows }), member("b", { knows })];
    expect(startsAnew(first, second)).toEqual(["a"]);
    expect(startsAnew({ ...first, running: false }, second)).toEqual([]);
    expect(startsAnew(member("a", { linkUp: false }), second)).toEqual([]);
    expect(startsAnew(member("a"), second)).toEqual(["b"]);
  });

  test("is ready while its own link is up", () => {
    const members = [member("a"), member("b"), member("c", { linkUp: false })];
    const seen = { members } as unknown as SeenShard;
    expect(inStepWithUpstream(shard, members[0]!, seen)).toEqual(["b"]);
  });
});
