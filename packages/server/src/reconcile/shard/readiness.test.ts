import { expect, test } from "vitest";
import { withReady } from "./readiness.ts";
import { SimulatedShard } from "./simulated-shard.testkit.ts";

const [first, second] = ["shop-001.0001", "shop-002.0001"] as const;

/** What the shard sees when its replica acknowledged `acknowledgedOffset` to a primary at `offset`. */
function seenAt(shard: SimulatedShard, offset: number, acknowledgedOffset: number) {
  const seen = shard.see();
  const [primary, replica] = seen.members;
  if (!primary?.view || !replica?.node?.status.address) throw new Error("not up");
  const { address } = replica.node.status;
  const replicas = [{ address, online: true, acknowledgedOffset }];
  return { seen, primary: { ...primary, view: { ...primary.view, offset, replicas } } };
}

test("a replica is ready once it acknowledges what came after it was first seen online", () => {
  const shard = new SimulatedShard(2);
  shard.settle();
  let status = { ...shard.status, ready: [], joining: {} };
  const look = (offset: number, acknowledged: number) => {
    const { seen, primary } = seenAt(shard, offset, acknowledged);
    status = { ...status, ...withReady(shard.resource, status, primary, seen) } as typeof status;
    return status;
  };
  // Its acknowledgement is of the sync itself: nothing is streamed to it yet.
  expect(look(100, 100)).toMatchObject({ ready: [], joining: { [second]: 100 } });
  expect(look(5_000, 100)).toMatchObject({ ready: [], joining: { [second]: 100 } });
  expect(look(6_000, 5_500)).toMatchObject({ ready: [second], joining: {} });
  expect(look(9_000, 5_500)).toMatchObject({ ready: [second], joining: {} });
  expect(status.primary).toBe(first);
});

test("what was ready for one primary has to show it again for the next", () => {
  const shard = new SimulatedShard(2);
  shard.settle();
  const { seen, primary } = seenAt(shard, 100, 100);
  const next = { ...shard.status, epoch: shard.status.epoch + 1 };
  expect(withReady(shard.resource, next, primary, seen)).toMatchObject({
    ready: [],
    joining: { [second]: 100 },
  });
});

test("behind an upstream, an acknowledgement of all there is will do, whatever stream it is of", () => {
  const shard = new SimulatedShard(2);
  shard.ask({ upstream: { kind: "foreign", address: shard.outside.address } });
  shard.settle();
  let status = { ...shard.status, ready: [], joining: {} };
  const look = (offset: number, acknowledged: number) => {
    const { seen, primary } = seenAt(shard, offset, acknowledged);
    status = { ...status, ...withReady(shard.resource, status, primary, seen) } as typeof status;
    return status;
  };
  expect(look(500, 0)).toMatchObject({ ready: [], joining: { [second]: 500 } });
  // The upstream's data was copied: its stream is a shorter one.
  expect(look(40, 0)).toMatchObject({ ready: [], joining: { [second]: 40 } });
  expect(look(40, 40)).toMatchObject({ ready: [second], joining: {} });
});
