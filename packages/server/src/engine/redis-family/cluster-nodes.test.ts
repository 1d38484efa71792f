import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseClaims, parseClusterNodes } from "./cluster-nodes.ts";

const [a, b, c] = ["a", "b", "c"].map((digit) => digit.repeat(40)) as [string, string, string];

const reply = [
  `${a} 127.31.0.6:6379@16379,,shard-id=x myself,master - 0 0 1 connected 0-5460 5462 [93->-${b}] [77-<-${b}]`,
  `${b} 127.31.0.7:6379@16379 master,fail? - 0 1700000000000 2 connected 5461`,
  `${c} 127.31.16.6:6379@16379,host slave ${a} 0 1700000000000 1 connected`,
  "",
].join("\n");

test("a reply has every node, with its role, its slots and whom it follows", () => {
  const { self, nodes } = parseClusterNodes(reply);
  expect(self).toBe(a);
  expect(nodes).toEqual([
    {
      ...{ id: a, address: { host: "127.31.0.6", port: 6379 }, role: "primary", primaryId: null },
      slots: [
        { first: 0, last: 5_460 },
        { first: 5_462, last: 5_462 },
      ],
      ...{ met: true, failed: false },
    },
    {
      ...{ id: b, address: { host: "127.31.0.7", port: 6379 }, role: "primary", primaryId: null },
      slots: [{ first: 5_461, last: 5_461 }],
      // One that only this node cannot reach ("fail?") is not taken for failed by the majority.
      ...{ met: true, failed: false },
    },
    {
      ...{ id: c, address: { host: "127.31.16.6", port: 6379 }, role: "replica", primaryId: a },
      ...{ slots: [], met: true, failed: false },
    },
  ]);
});

test("the primaries' claims have the epochs that the reply gives them", () => {
  expect(parseClaims(reply)).toEqual(
    new Map([
      [a, 1],
      [b, 2],
    ]),
  );
  expect(() => parseClaims(null)).toThrow("not a reply that an engine gives");
});

test("the slots that the node itself is giving away or taking in are open", () => {
  expect(parseClusterNodes(reply).openSlots).toEqual([
    { slot: 93, direction: "migrating", peer: b },
    { slot: 77, direction: "importing", peer: b },
  ]);
});

test("greetings that go on, failed nodes and lost addresses are told apart", () => {
  const { nodes } = parseClusterNodes(
    [
      `${a} :0@0 myself,slave,noaddr ${c} 0 0 1 disconnected`,
      `${b} 127.31.0.7:6379@16379 handshake - 0 0 0 connected`,
      `${c} 127.31.0.8:6379@16379 master,fail - 0 0 0 disconnected`,
    ].join("\n"),
  );
  expect(nodes.map(({ id, address, met, failed }) => ({ id, address, met, failed }))).toEqual([
    { id: a, address: null, met: true, failed: false },
    { id: b, address: { host: "127.31.0.7", port: 6379 }, met: false, failed: false },
    { id: c, address: { host: "127.31.0.8", port: 6379 }, met: true, failed: true },
  ]);
});

test("an IPv6 address is one too", () => {
  const { nodes } = parseClusterNodes(`${a} ::1:6379@16379 myself,master - 0 0 1 connected`);
  expect(nodes[0]?.address).toEqual({ host: "::1", port: 6379 });
});

describe("what no engine says", () => {
  const own = `${a} 127.31.0.6:6379@16379 myself,master - 0 0 1 connected 0-9`;

  test.each([null, 7, [], {}, undefined, "", "x".repeat(4_000_001), `${b} 1.2.3.4:1@1 master`])(
    "is refused as a whole when the node itself is not in it: %#",
    (hostile) => {
      expect(() => parseClusterNodes(hostile)).toThrow(/no reply|not a reply|not know itself/);
    },
  );

  test.each([
    `${"g".repeat(40)} 127.31.0.7:6379@16379 master - 0 0 1 connected`,
    `${b} 127.31.0.7:6379@16379 master - 0 0`,
    "\0\0\0",
    "__proto__ 127.31.0.7:6379@1 master - 0 0 1 connected",
  ])("is skipped, line by line: %#", (line) => {
    expect(parseClusterNodes(`${line}\n${own}`).nodes.map(({ id }) => id)).toEqual([a]);
  });

  test.each(["example.com:6379@1", "127.31.0.7:0@1", "127.31.0.7:65536@1", "127.31.0.7@1", "@"])(
    "of an address is none: %s",
    (place) => {
      const { nodes } = parseClusterNodes(`${b} ${place} master - 0 0 1 connected\n${own}`);
      expect(nodes.find(({ id }) => id === b)?.address).toBeNull();
    },
  );

  test.each(["16384", "0-16384", "9-3", "99999", "1-2-3", "-5", "x", "0x10", "1e3"])(
    "of slots is none: %s",
    (slots) => {
      const { nodes } = parseClusterNodes(`${own} ${slots}`);
      expect(nodes[0]?.slots).toEqual([{ first: 0, last: 9 }]);
    },
  );

  test.each([`[16384->-${b}]`, `[1->-short]`, `[1-=-${b}]`, `1->-${b}`])(
    "of an open slot is none: %s",
    (slot) => {
      expect(parseClusterNodes(`${own} ${slot}`).openSlots).toEqual([]);
    },
  );

  test("never brings more than an Error, and never a slot that there is not", () => {
    const word = fc.oneof(
      fc.string(),
      fc.constantFrom(a, b, "myself,master", "slave", "127.31.0.6:6379@16379", "0-16383", "70000"),
    );
    const line = fc.array(word, { maxLength: 12 }).map((words) => words.join(" "));
    fc.assert(
      fc.property(fc.array(line, { maxLength: 5 }), (lines) => {
        const { nodes } = parseClusterNodes([...lines, own].join("\n"));
        for (const { slots } of nodes) {
          for (const { first, last } of slots) {
            expect(first).toBeLessThanOrEqual(last);
            expect(last).toBeLessThan(16_384);
          }
        }
      }),
    );
  });
});
