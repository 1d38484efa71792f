import { expect, test } from "vitest";
import { weaknessesOf } from "./known-weaknesses.ts";

test("a weakness concerns the versions before the one that mends it", () => {
  const withheld = (binaryVersion: string) =>
    weaknessesOf({ engine: "valkey", binaryVersion }).flatMap((one) => one.withheld);
  expect(withheld("8.0.1")).toEqual(["restore"]);
  expect(withheld("8.0.10")).toEqual(["restore"]);
  expect(withheld("8.0.11")).toEqual([]);
});

test("what no version mends is said of every later one too", () => {
  const sentences = weaknessesOf({ engine: "redis", binaryVersion: "7.0.15" });
  expect(sentences.map((one) => one.sentence)).toEqual([expect.stringContaining("GEORADIUS")]);
  expect(weaknessesOf({ engine: "memcached", binaryVersion: "1.6.18" })).toEqual([]);
});
