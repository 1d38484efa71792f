import { readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { compositionFolder, forbiddenImports, importsOf, layerOf, mayImport } from "./imports.ts";
import { filesBelow, root, textOf } from "./source-files.ts";

const isTest = (path: string) => path.endsWith(".test.ts");
const files = filesBelow("packages/server/src", [".ts"]).filter((path) => !isTest(path));

describe("the layers of the server", () => {
  test("no file imports a layer that its own may not know", () => {
    const found = files.flatMap((path) =>
      forbiddenImports(path, textOf(path)).map((specifier) => `${path} imports ${specifier}`),
    );
    expect(found).toEqual([]);
  });

  test("every folder is a layer with a rule", () => {
    const folders = readdirSync(join(root, "packages/server/src"), { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => entry.name);
    const known = [...Object.keys(mayImport), compositionFolder];
    expect(folders.filter((folder) => !known.includes(folder))).toEqual([]);
  });

  test("the scan sees files and imports in the layers that matter", () => {
    for (const layer of ["base", "resources", "store", "services", "engine", "network"]) {
      expect(files.filter((path) => layerOf(path) === layer).length, layer).toBeGreaterThan(0);
    }
    expect(files.flatMap((path) => importsOf(textOf(path))).length).toBeGreaterThan(50);
  });
});

describe("what the scan finds", () => {
  const service = "packages/server/src/services/elasticache/create.ts";

  test.each([
    ['import { x } from "../../engine/engine.ts";'],
    ['import type { X } from "../../runtime/runtime.ts";'],
    ['import {\n  x,\n} from "../../reconcile/driver.ts";'],
    ['export { x } from "../../network/network.ts";'],
    ['const { x } = await import("../../http/server.ts");'],
    ['import "../../metrics/sampler.ts";'],
    ['import { x } from "@larder/server/engine/engine.ts";'],
    ['import { readConfig } from "../../config.ts";'],
    ['import { boot } from "../../boot/parts.ts";'],
  ])("a service must not: %s", (text) => {
    expect(forbiddenImports(service, text)).toHaveLength(1);
  });

  test("a service may import its own folder, lower layers and packages", () => {
    const text = `
      import { a } from "./other.ts";
      import { b } from "../../store/store.ts";
      import { c } from "../../aws/fault.ts";
      import { d } from "@aws-sdk/client-elasticache";`;
    expect(importsOf(text)).toHaveLength(4);
    expect(forbiddenImports(service, text)).toEqual([]);
  });

  test.each(["engine", "runtime", "network"])("%s must not import the store", (layer) => {
    const path = `packages/server/src/${layer}/deep/file.ts`;
    expect(forbiddenImports(path, 'import { s } from "../../store/store.ts";')).toHaveLength(1);
  });
});
