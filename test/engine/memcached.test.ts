import { describe, expect, test } from "vitest";
import { memcacheds, NodeBench } from "./support/nodes.ts";

describe.each(memcacheds)("memcached $binaryVersion", (engine) => {
  test("items are stored and read, also long and non-ASCII ones", async () => {
    await using bench = await NodeBench.open(engine);
    const { items } = (await bench.start()).session;
    if (items === undefined) throw new Error("cannot store items");
    expect(await items.get("missing")).toBeNull();
    const values = ["", "END\r\n", "1\nhost|127.0.0.1|11211\n", "ä€😀", "x".repeat(1_000_000)];
    // All at once: replies must find the command that they answer.
    await Promise.all(values.map((value, index) => items.set(`key${index}`, value)));
    const read = await Promise.all(values.map((_value, index) => items.get(`key${index}`)));
    expect(read).toEqual(values);
    expect(await items.get("key0")).toBe("");
  });

  test("a key cannot carry a second command", async () => {
    await using bench = await NodeBench.open(engine);
    const { items } = (await bench.start()).session;
    await items?.set("kept", "1");
    for (const key of ["a\r\nflush_all", "a b", "", "k".repeat(251), "a\0b", "ä"]) {
      await expect(items?.get(key)).rejects.toThrow("not a memcached key");
      await expect(items?.set(key, "x")).rejects.toThrow("not a memcached key");
    }
    expect(await items?.get("kept")).toBe("1");
  });

  test("an item larger than the limit is refused, and the connection goes on", async () => {
    await using bench = await NodeBench.open(engine);
    const { items } = (await bench.start()).session;
    await expect(items?.set("big", "x".repeat(1_048_577))).rejects.toThrow("did not store");
    await items?.set("small", "1");
    expect(await items?.get("small")).toBe("1");
  });

  test("parameters reach the process", async () => {
    await using bench = await NodeBench.open(engine);
    const parameters = { max_item_size: "4194304", no_modern: "0", idle_timeout: "60" };
    const { items } = (await bench.start({ parameters })).session;
    await items?.set("two", "x".repeat(500_000));
    expect((await items?.get("two"))?.length).toBe(500_000);
  });
});
