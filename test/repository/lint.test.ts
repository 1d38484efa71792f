import { temporaryDirectory } from "@larder/testkit/temporary-directory.ts";
import { execFile } from "node:child_process";
import { cp, mkdir, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { root } from "./source-files.ts";

/** Lints `files` (text by path) under the repository's own rules; resolves with "path rule". */
async function lint(files: Readonly<Record<string, string>>): Promise<readonly string[]> {
  await using directory = await temporaryDirectory();
  for (const name of [".oxlintrc.json", "tsconfig.json", "package.json"]) {
    await cp(join(root, name), join(directory.path, name));
  }
  await symlink(join(root, "node_modules"), join(directory.path, "node_modules"));
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(directory.path, path)), { recursive: true });
    await writeFile(join(directory.path, path), text);
  }
  const output = await oxlint(directory.path, Object.keys(files));
  const lines = output.matchAll(/^([^:\n]+):\d+:\d+: .*\[Error\/\w+\(([\w-]+)\)\]$/gm);
  return [...lines].map(([, path, rule]) => `${path} ${rule}`);
}

function oxlint(cwd: string, files: readonly string[]): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>();
  const program = join(root, "node_modules/oxlint/bin/oxlint");
  const args = [program, "--type-aware", "--format", "unix", ...files];
  // Findings make the exit code 1; what was found is on standard output either way.
  execFile(process.execPath, args, { cwd, timeout: 20_000 }, (_error, stdout, stderr) => {
    resolve(stdout + stderr);
  });
  return promise;
}

test("a service that reaches for an engine, the time, chance or the environment is refused", async () => {
  const service = "packages/server/src/services/elasticache/bad.ts";
  const text = `
    import { controlUser } from "../../engine/engine.ts";
    export const reached = controlUser;
    export const now = Date.now();
    export const chance = Math.random();
    export const home = process.env["HOME"];
  `;
  expect((await lint({ [service]: text })).toSorted()).toEqual([
    `${service} no-process-env`,
    `${service} no-restricted-imports`,
    `${service} no-restricted-properties`,
    `${service} no-restricted-properties`,
  ]);
});

test("any, default exports, floating promises and long functions are refused", async () => {
  const path = "packages/server/src/store/bad.ts";
  const text = `
    export function loose(value: any): void { void value; }
    async function work(): Promise<void> { await Promise.resolve(); }
    export function forgetful(): void { work(); }
    export function long(): void {\n${'      process.stdout.write("");\n'.repeat(80)}    }
    export default loose;
  `;
  expect((await lint({ [path]: text })).toSorted()).toEqual([
    `${path} max-lines-per-function`,
    `${path} no-default-export`,
    `${path} no-explicit-any`,
    `${path} no-floating-promises`,
  ]);
});

test("what the layers allow is let through", async () => {
  const text = `
    import type { Store } from "../../store/store.ts";
    export function count(store: Store): number { return store.claims().size; }
  `;
  expect(await lint({ "packages/server/src/services/elasticache/good.ts": text })).toEqual([]);
});
