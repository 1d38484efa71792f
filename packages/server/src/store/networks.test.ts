import { afterEach, beforeEach, expect, test } from "vitest";
import { systemClock } from "../base/clock.ts";
import { refIn } from "../resources/ref.ts";
import { subnetsOf, vpcIdOf } from "../resources/vpc.ts";
import { Networks } from "./networks.ts";
import { openStore } from "./sqlite-store.ts";
import type { Store } from "./store.ts";

const home = { account: "000000000000", region: "us-east-1" };
const vpc = { cidr: "127.31.0.0/16" };
const vpcId = vpcIdOf(home);

let store: Store;
let networks: Networks;

beforeEach(() => {
  store = openStore(":memory:", systemClock);
  networks = new Networks(store, vpc, home);
});

afterEach(() => {
  store.close();
});

function addSubnet(id: string, zone: string): void {
  const spec = { vpcId, zone, cidr: "127.31.64.0/24", isDefault: false };
  networks.save("subnet", id, { ...spec, mapPublicIpOnLaunch: false });
}

test("the default VPC is there without being stored", () => {
  expect(networks.list("vpc").map(({ id }) => id)).toEqual([vpcId]);
  expect(networks.list("subnet").map(({ vpcId: of }) => of)).toEqual([vpcId, vpcId, vpcId]);
  expect(networks.list("security-group").map(({ name }) => name)).toEqual(["default"]);
  expect([...store.listAll("vpc"), ...store.listAll("subnet")]).toEqual([]);
});

test("what was changed of it is kept, and moves with the server's addresses", () => {
  const { id, ...spec } = networks.list("subnet")[0]!;
  networks.save("subnet", id, { ...spec, mapPublicIpOnLaunch: false });
  const moved = new Networks(store, { cidr: "127.40.0.0/16" }, home);
  expect(moved.get("subnet", id)).toEqual({
    ...{ ...spec, id, cidr: "127.40.0.0/20", mapPublicIpOnLaunch: false },
  });
  expect(moved.list("subnet")).toHaveLength(3);
});

test("the default subnet group is the default VPC's own subnets, whatever is added to it", () => {
  addSubnet("subnet-0", "us-east-1a");
  const { subnets, vpcId: of } = networks.subnetGroup("default")!;
  expect(of).toBe(vpcId);
  expect(subnets.map(({ id }) => id)).toEqual(subnetsOf(vpc, home).map(({ id }) => id));
});

test("a subnet group has its subnets in order of zone, then id", () => {
  addSubnet("subnet-2", "us-east-1a");
  addSubnet("subnet-1", "us-east-1b");
  addSubnet("subnet-0", "us-east-1b");
  const subnetIds = ["subnet-1", "subnet-0", "subnet-2"];
  const spec = { description: "d", vpcId, subnetIds };
  store.create(refIn(home, "subnet-group", "mine"), spec, {}, null);
  expect(networks.subnetGroups().map(({ name }) => name)).toEqual(["default", "mine"]);
  expect(networks.subnetGroup("mine")!.subnets.map(({ id }) => id)).toEqual([
    ...["subnet-2", "subnet-0", "subnet-1"],
  ]);
  expect(networks.subnetGroup("other")).toBeUndefined();
});
