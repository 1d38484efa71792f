import { expect, test } from "vitest";
import { readTable } from "./read-table.ts";

const place = { host: "127.42.0.4", port: 6379 };
const route = { id: "a", listen: place, targets: [place], discovery: null };
const discovery = { version: 1, nodes: [{ host: "a", ip: "", port: 1 }] };

test("a table is read as it was sent", () => {
  const table = { routes: [route, { ...route, id: "b", discovery }] };
  expect(readTable(JSON.stringify(table))).toEqual({ table });
});

test.each([
  ["{", /not JSON/],
  ["null", /not a table/],
  [JSON.stringify({ routes: [{ ...route, listen: { host: "", port: 1 } }] }), /not a table/],
  [JSON.stringify({ routes: [{ ...route, targets: [{ host: "a", port: 65_536 }] }] }), /not a t/],
  [JSON.stringify({ routes: [{ id: "a", listen: place, targets: [place] }] }), /not a table/],
  [
    JSON.stringify({
      routes: [
        { ...route, discovery: { version: 1, nodes: [{ host: "a\r\n", ip: "", port: 1 }] } },
      ],
    }),
    /not a table/,
  ],
  [JSON.stringify({ routes: [route, route] }), /same id/],
])("%s is refused", (body, problem) => {
  expect(readTable(body)).toEqual({ problem: expect.stringMatching(problem) });
});
