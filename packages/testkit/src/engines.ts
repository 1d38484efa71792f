import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";

const programs = {
  redis: "redis-server",
  valkey: "valkey-server",
  memcached: "memcached",
} as const;

export type TestEngine = keyof typeof programs;

/** The engines of this machine, for suites that run against each; valkey is not everywhere. */
export function enginesInstalled(): readonly TestEngine[] {
  return (["redis", "valkey", "memcached"] as const).filter(
    (engine) => programPath(engine) !== null,
  );
}

/** Where an engine's program is, or null. */
export function programPath(engine: TestEngine): string | null {
  const places = (process.env["PATH"] ?? "").split(delimiter).filter((place) => place !== "");
  const paths = places.map((place) => join(place, programs[engine]));
  return paths.find(isExecutable) ?? null;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false; // not there, or not ours to run
  }
}
