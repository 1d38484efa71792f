import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createLoopbackNetwork } from "@larder/server/network/loopback.ts";
import type { Network } from "@larder/server/network/network.ts";
import { createPortsNetwork } from "@larder/server/network/ports.ts";
import { formatAddress, type Address } from "@larder/server/resources/address.ts";
import { parseCidr, parseIpv4 } from "@larder/server/resources/vpc.ts";

/** Eleven addresses remain of a /28, and the range has as many ports. */
const subnet = "127.42.0.16/28";
const capacity = 11;
const port = 6379;

interface Driver {
  readonly network: Network;
  /** What an address claims for itself alone. */
  readonly claim: (address: Address) => string | number;
  readonly belongs: (address: Address) => boolean;
}

const drivers: readonly Driver[] = [
  {
    network: createLoopbackNetwork(),
    claim: (address) => address.host,
    belongs: (address) => {
      const block = parseCidr(subnet);
      const host = parseIpv4(address.host);
      return address.port === port && host >= block.first + 4 && host < block.last;
    },
  },
  {
    network: createPortsNetwork("127.42.0.1", { first: 21_000, last: 21_000 + capacity - 1 }),
    claim: (address) => address.port,
    belongs: (address) =>
      address.host === "127.42.0.1" && address.port >= 21_000 && address.port <= 21_010,
  },
];

/** Picks until nothing is left. */
function exhaust(network: Network, recent: ReadonlySet<string> = new Set()): Address[] {
  const picked: Address[] = [];
  for (;;) {
    const taken = new Set(picked.map(formatAddress));
    const address = network.pick({ subnet, port, taken, recent });
    if (address === null) return picked;
    picked.push(address);
  }
}

describe.each(drivers)("network $network.name", ({ network, claim, belongs }) => {
  const all = exhaust(network);

  test("gives every address once, in order, and then none", () => {
    expect(all).toHaveLength(capacity);
    expect(new Set(all.map(claim)).size).toBe(capacity);
    expect(all.filter((address) => !belongs(address))).toEqual([]);
  });

  test("gives the lowest that is not taken, one released lately only when it must", () => {
    const some = fc.subarray(all.map(formatAddress));
    fc.assert(
      fc.property(
        some,
        some,
        fc.integer({ min: 1, max: 65_535 }),
        (takenList, recentList, asked) => {
          const [taken, recent] = [new Set(takenList), new Set(recentList)];
          // The ports driver honours a port of its range, which is another test's business.
          fc.pre(asked < 21_000 || asked > 21_010);
          const address = network.pick({ subnet, port: asked, taken, recent });
          const free = all.filter((one) => !taken.has(formatAddress(one)));
          const wanted = free.find((one) => !recent.has(formatAddress(one))) ?? free[0];
          expect(address && claim(address)).toBe(wanted === undefined ? null : claim(wanted));
        },
      ),
    );
  });

  test("never gives an address twice while nodes come and go", () => {
    fc.assert(
      fc.property(fc.array(fc.option(fc.nat({ max: capacity - 1 }))), (steps) => {
        const held: Address[] = [];
        for (const release of steps) {
          if (release !== null) {
            held.splice(release, 1);
            continue;
          }
          const taken = new Set(held.map(formatAddress));
          const address = network.pick({ subnet, port, taken });
          if (address === null) expect(held).toHaveLength(capacity);
          else held.push(address);
          expect(new Set(held.map(claim)).size).toBe(held.length);
        }
      }),
    );
  });
});

test("loopback: an address is one node's whatever the port", () => {
  const taken = new Set(["127.42.0.20:11211"]);
  const address = createLoopbackNetwork().pick({ subnet, port, taken });
  expect(address).toEqual({ host: "127.42.0.21", port });
});

test("loopback: engines bind what they can, the gateway the rest", () => {
  const network = createLoopbackNetwork();
  expect(network.carrier("primary", 1, true)).toBe("engine");
  expect(network.carrier("configuration", 3, true)).toBe("engine");
  expect(network.carrier("configuration", 3, false)).toBe("gateway");
  expect([0, 1, 2].map((n) => network.carrier("reader", n, true))).toEqual([
    "engine",
    "engine",
    "gateway",
  ]);
});

test("ports: a free port of the range is given when it is asked for", () => {
  const network = createPortsNetwork("127.42.0.1");
  const pick = (asked: number, taken: readonly string[] = []) =>
    network.pick({ subnet, port: asked, taken: new Set(taken) })?.port;
  expect(pick(23_456)).toBe(23_456);
  expect(pick(6379)).toBe(20_000);
  expect(pick(23_456, ["127.42.0.1:23456"])).toBe(20_000);
  expect(pick(6379, ["192.168.7.7:20000"]), "held under an earlier host").toBe(20_001);
});

test("ports: every endpoint moves through the gateway", () => {
  const network = createPortsNetwork("127.42.0.1");
  expect([network.carrier("primary", 1, true), network.carrier("reader", 1, true)]).toEqual([
    "gateway",
    "gateway",
  ]);
});

test("ports: a range whose bus ports would not fit is refused", () => {
  expect(() => createPortsNetwork("127.42.0.1", { first: 50_000, last: 56_000 })).toThrow(/bus/);
  expect(() => createPortsNetwork("127.42.0.1", { first: 20_000, last: 30_000 })).toThrow(/bus/);
});
