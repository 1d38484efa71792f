import { expect, test } from "vitest";
import { findNodeType } from "../../resources/node-types.ts";
import { nodeArguments } from "./options.ts";

function argumentsOf(parameters: Readonly<Record<string, string>> = {}, openFilesMax = 100_000) {
  const nodeType = findNodeType("cache.t4g.small");
  if (nodeType === undefined) throw new Error("the node type is missing");
  const request = {
    ...{
      nodeType,
      parameters,
      controlPassword: "",
      following: null,
      outside: [],
      startsEmpty: false,
    },
    address: { host: "127.41.0.1", port: 11_211 },
    installed: {
      ...({ engine: "memcached", binaryVersion: "1.6.18", path: "/usr/bin/memcached" } as const),
      ...{ serves: ["1.6.18"], family: "memcached1.6" },
    },
  };
  return nodeArguments(request, openFilesMax).join(" ");
}

test("a node's command line, with AWS's defaults", () => {
  expect(argumentsOf()).toBe(
    "-l 127.41.0.1 -p 11211 -U 0 -m 1302 -t 2 -c 65000 -X -I 1048576 " +
      "-o no_modern,hash_algorithm=jenkins,hashpower=16",
  );
});

test("connections stay below what the process may open", () => {
  expect(argumentsOf({}, 20_000)).toContain("-c 19936 ");
});

test("no_modern comes before what is switched on again, in whatever order they are given", () => {
  const text = argumentsOf({
    lru_crawler: "1",
    slab_automove: "2",
    idle_timeout: "0",
    no_modern: "1",
  });
  expect(text).toContain(
    "-o no_modern,hash_algorithm=jenkins,hashpower=16,lru_crawler,slab_automove=2",
  );
});

test("the modern features are kept when the group says so", () => {
  expect(argumentsOf({ no_modern: "0" })).not.toContain("no_modern");
});

test.each([
  [{ max_item_size: "1073741824" }, "half of the node's memory"],
  [{ max_item_size: "1000" }, "from 1024"],
  [{ max_item_size: "3000000", slab_chunk_max: "1048576" }, "multiple of slab_chunk_max"],
  [{ memcached_connections_overhead: "1402" }, "leaves no memory"],
  [{ memcached_connections_overhead: "x" }, "wrong value"],
  [{ hash_algorithm: "jenkins,ext_path=/tmp/x:1G" }, "wrong value"],
  [{ ext_path: "/tmp/x:1G" }, "no parameter"],
])("%j is refused in words: %s", (parameters, message) => {
  expect(() => argumentsOf(parameters)).toThrow(message);
});
