import fc from "fast-check";
import { expect, test } from "vitest";
import { systemClock } from "../base/clock.ts";
import { type Ref, refIn, refKey } from "../resources/ref.ts";
import { openStore } from "./sqlite-store.ts";
import type { Store } from "./store.ts";

const homes = [
  { account: "000000000000", region: "us-east-1" },
  { account: "000000000000", region: "eu-west-1" },
];
const ids = ["a", "b", "c"];
const owners = homes.map((home) => refIn(home, "replication-group", "shop"));
const spec = { family: "redis7", description: "mine", values: {} };

/** One change of a parameter group, by numbers that choose what and whose. */
const change = fc.record({
  do: fc.constantFrom("put", "own", "remove"),
  home: fc.constantFrom(0, 1),
  id: fc.constantFrom(...ids),
  owner: fc.constantFrom(null, 0, 1),
});
type Change = typeof change extends fc.Arbitrary<infer C> ? C : never;

function carryOut(store: Store, one: Change): void {
  const ref = refIn(homes[one.home]!, "parameter-group", one.id);
  const owner = one.owner === null ? null : owners[one.owner]!;
  const exists = store.get(ref) !== undefined;
  if (one.do === "put" && !exists) store.create(ref, spec, {}, owner);
  if (one.do === "own" && exists) store.setOwner(ref, owner);
  if (one.do === "remove" && exists) store.remove(ref);
}

function listed(store: Store): unknown {
  const keys = (refs: readonly Ref[]) => refs.map(refKey);
  return {
    all: keys(store.listAll("parameter-group")).toSorted(),
    byHome: homes.map((home) => keys(store.list("parameter-group", home))),
    byOwner: owners.map((owner) => keys(store.ownedBy("parameter-group", owner)).toSorted()),
  };
}

/** The same by looking at every resource that there may be. */
function found(store: Store): unknown {
  const all = homes.flatMap((home) =>
    ids.flatMap((id) => store.get(refIn(home, "parameter-group", id)) ?? []),
  );
  const keys = (of: (one: (typeof all)[number]) => boolean) => all.filter(of).map(refKey);
  return {
    all: keys(() => true).toSorted(),
    byHome: homes.map(({ region }) => keys((one) => one.region === region)),
    byOwner: owners.map((owner) =>
      keys((one) => one.owner !== null && refKey(one.owner) === refKey(owner)).toSorted(),
    ),
  };
}

test("lists hold what there is, within a transaction and after it, committed or not", () => {
  fc.assert(
    fc.property(fc.array(fc.array(change, { maxLength: 6 }), { maxLength: 8 }), (batches) => {
      const store = openStore(":memory:", systemClock);
      for (const [index, batch] of batches.entries()) {
        const fails = index % 3 === 2;
        const work = () =>
          store.transaction(() => {
            for (const one of batch) {
              carryOut(store, one);
              expect(listed(store)).toEqual(found(store));
            }
            if (fails) throw new Error("rolled back");
          });
        if (fails) expect(work).toThrow("rolled back");
        else work();
        expect(listed(store)).toEqual(found(store));
      }
      store.close();
    }),
    { numRuns: 60 },
  );
});
