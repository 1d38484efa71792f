import { expect, test } from "vitest";
import type { ClusterNode, ClusterView } from "../../engine/engine.ts";
import { evenSlots, type SlotRange } from "../../resources/slots.ts";
import { knowsEverySlot } from "./seen.ts";

const [left, right] = evenSlots(2);

function viewOf(...held: readonly (readonly [ClusterNode["role"], SlotRange | undefined])[]) {
  const nodes = held.map(([role, slots], at): ClusterNode => ({
    ...{ id: String(at), address: null, role, primaryId: null },
    ...{ slots: slots === undefined ? [] : [slots], met: true, failed: false },
  }));
  return { self: "0", ok: true, nodes, openSlots: [] } satisfies ClusterView;
}

test("a node that has only just joined does not know every slot", () => {
  expect(knowsEverySlot(viewOf(["primary", undefined]))).toBe(false);
  expect(knowsEverySlot(viewOf(["replica", undefined], ["primary", left]))).toBe(false);
  expect(knowsEverySlot(viewOf(["primary", left], ["primary", right]))).toBe(true);
});
