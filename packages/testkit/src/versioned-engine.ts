import { chmod, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { programPath, type TestEngine } from "./engines.ts";
import { temporaryDirectory } from "./temporary-directory.ts";

/** An installed engine under a version number of the test's choice. */
export interface VersionedEngine extends AsyncDisposable {
  /** To be named in LARDER_ENGINE_PATH. */
  readonly directory: string;
  /** Installs the engine under another version, as a package's update would. */
  install(version: string): Promise<void>;
}

/**
 * The machine's own engine, which says that it is of `version`: two versions of an engine are seldom
 * installed. Whatever it is started with but `--version` starts the real program in its place.
 */
export async function versionedEngine(
  engine: Exclude<TestEngine, "memcached">,
  version: string,
): Promise<VersionedEngine> {
  const real = programPath(engine);
  if (real === null) throw new Error(`${engine} is not installed`);
  const directory = await temporaryDirectory();
  const name = engine === "redis" ? "Redis" : "Valkey";
  const path = join(directory.path, `${engine}-server`);
  const install = async (installed: string) => {
    const says = `echo '${name} server v=${installed} sha=00000000:0'`;
    const script = `#!/bin/sh\nif [ "$1" = --version ]; then ${says}; else exec ${real} "$@"; fi\n`;
    await writeFile(`${path}.new`, script);
    await chmod(`${path}.new`, 0o755);
    await rename(`${path}.new`, path);
  };
  await install(version);
  return {
    directory: directory.path,
    install,
    [Symbol.asyncDispose]: () => directory[Symbol.asyncDispose](),
  };
}
