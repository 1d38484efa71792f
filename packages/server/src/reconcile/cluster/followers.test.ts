import { expect, test } from "vitest";
import type { ClusterNode, ClusterView } from "../../engine/engine.ts";
import { evenSlots } from "../../resources/slots.ts";
import { planFollowers } from "./followers.ts";
import type { SeenClusterNode } from "./seen.ts";

const addressOf = (number: number) => ({ host: `127.31.0.${number}`, port: 6_379 });
const idOf = (number: number) => String(number).padStart(40, "0");

/** Two shards that are followed, and a third node that had slots once. */
const [outsideOne, outsideTwo, left] = [101, 102, 103].map((number, index): ClusterNode => {
  const slots = [evenSlots(2)[index]].filter((one) => one !== undefined);
  return node(number, "primary", null, slots);
}) as [ClusterNode, ClusterNode, ClusterNode];
const followed = [outsideOne, outsideTwo];

function node(
  number: number,
  role: ClusterNode["role"],
  primaryId: string | null,
  slots: ClusterNode["slots"] = [],
): ClusterNode {
  const about = { id: idOf(number), address: addressOf(number), met: true, failed: false };
  return { ...about, role, primaryId, slots };
}

const replica = (number: number) => node(number, "replica", idOf(100 + number));

function seen(number: number, known: readonly ClusterNode[], ok = true): SeenClusterNode {
  const view: ClusterView = { self: idOf(number), ok, nodes: known, openSlots: [] };
  const about = { isPrimary: true, address: addressOf(number), memory: null };
  return { id: `node-${number}`, shardId: `000${number}`, ...about, view };
}

function plan(...nodes: readonly SeenClusterNode[]) {
  return planFollowers({ nodes, routesInForce: true });
}

const whole = [...followed, replica(1), replica(2)];

test("is whole once its nodes follow, know each other and every slot", () => {
  expect(plan(seen(1, whole), seen(2, whole))).toMatchObject({ missing: null, steps: [] });
});

test("gets to know itself only once every node follows: until then one has claims of its own", () => {
  const leading = node(2, "primary", null, evenSlots(1));
  const alone = [...followed, replica(1)];
  const early = plan(seen(1, alone), seen(2, [leading]));
  expect(early).toMatchObject({ missing: "node-2 does not follow its upstream yet", steps: [] });
  const ready = plan(seen(1, alone), seen(2, [...followed, replica(2)]));
  expect(ready.steps).toEqual([
    {
      do: "introduce",
      pairs: [
        { node: "node-1", other: addressOf(2) },
        { node: "node-2", other: addressOf(1) },
      ],
    },
  ]);
});

test("forgets who left, and never those that it follows", () => {
  const known = [...whole, left];
  expect(plan(seen(1, known), seen(2, whole)).steps).toEqual([
    { do: "forget", clusterNodeId: left.id, nodes: ["node-1", "node-2"] },
  ]);
});

test("waits for a node that knows no owner of some slots, and gives none out", () => {
  const lacking = [outsideOne, replica(1), replica(2)];
  expect(plan(seen(1, whole), seen(2, lacking))).toMatchObject({
    ...{ missing: "node-2 does not know every slot yet", unclear: false, steps: [] },
  });
});

test("decides nothing while a node cannot be read", () => {
  const unread = { ...seen(2, whole), view: null };
  expect(plan(seen(1, whole), unread)).toMatchObject({ unclear: true, steps: [] });
});
