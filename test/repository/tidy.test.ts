import { describe, expect, test } from "vitest";
import { filesBelow, textOf } from "./source-files.ts";

const linesMax = 500;
const code = filesBelow(".", [".ts", ".js"]);
const text = filesBelow(".", [".ts", ".js", ".json", ".md", ".npmrc", "run"]);

// Put together here, so that this file does not name what no file may name.
const registries = [
  ["registry", "npmjs", "org"],
  ["registry", "yarnpkg", "com"],
  ["deb", "debian", "org"],
  ["archive", "ubuntu", "com"],
  ["backports", "debian", "org"],
].map((parts) => parts.join("."));

function filesNaming(names: readonly string[], files: ReadonlyMap<string, string>) {
  return [...files].flatMap(([path, content]) =>
    names.filter((name) => content.includes(name)).map((name) => `${path} names ${name}`),
  );
}

describe("the repository", () => {
  test("is seen by these tests", () => {
    expect(code).toContain("test/repository/tidy.test.ts");
    expect(code).toContain("setup/run.js");
    expect(text).toContain("package-lock.json");
    expect(text).toContain(".ci/run");
  });

  test(`has no hand-written file over ${linesMax} lines`, () => {
    const long = code.filter((path) => textOf(path).split("\n").length - 1 > linesMax);
    expect(long).toEqual([]);
  });

  test("names no package registry", () => {
    const files = new Map(text.map((path) => [path, textOf(path)]));
    expect(filesNaming(registries, files)).toEqual([]);
    const bad = new Map([["a.md", `see https://${registries[0]}/x`]]);
    expect(filesNaming(registries, bad)).toHaveLength(1);
  });

  test("locks packages by digest, not by the address of a registry", () => {
    const lock: {
      packages: Record<string, { resolved?: string; integrity?: string; link?: boolean }>;
    } = JSON.parse(textOf("package-lock.json"));
    const installed = Object.entries(lock.packages).filter(([path]) =>
      path.includes("node_modules/"),
    );
    expect(installed.length).toBeGreaterThan(100);
    for (const [path, entry] of installed) {
      if (entry.link === true) expect(entry.resolved, path).toMatch(/^packages\//);
      else
        expect(entry, path).toEqual(expect.not.objectContaining({ resolved: expect.anything() }));
    }
  });

  test("has no catch-all folder", () => {
    expect(code.filter((path) => /(^|\/)(utils?|helpers|common)(\/|\.)/.test(path))).toEqual([]);
  });
});
