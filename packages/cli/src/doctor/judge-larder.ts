import type { EngineFindings } from "../engines.ts";
import { fail, ok, warn } from "./check.ts";
import type { Check } from "./check.ts";
import { judgeEngine } from "./judge-engine.ts";

/**
 * Lines for each engine found, engine missing and binary not used. An installation that can
 * run no cache at all fails.
 */
export function judgeEngines({ engines, leftOut }: EngineFindings): readonly Check[] {
  const install =
    "`npm start` installs them; or `apt-get install redis-server memcached` (as root), or name " +
    "their directories in LARDER_ENGINE_PATH.";
  const unused = leftOut.map(({ path, reason }) =>
    warn("engine", `${path} is not used: it ${reason}`, "Remove it, or leave it: it does no harm."),
  );
  if (engines.length === 0) return [fail("engine", "none found", install), ...unused];
  const has = (engine: string) => engines.some((one) => one.installed.engine === engine);
  const missing = [
    ...(has("redis") || has("valkey") ? [] : ["redis or valkey"]),
    ...(has("memcached") ? [] : ["memcached"]),
  ];
  return [
    ...engines.flatMap(judgeEngine),
    ...missing.map((one) => warn("engine", `${one} not found: no such cache can start`, install)),
    ...unused,
  ];
}

/** Who listens at the server's address. */
export type PortUser = "nobody" | "larder" | "other" | { readonly problem: string };

export function judgePort(endpoint: string, user: PortUser): Check {
  const name = "port";
  if (user === "nobody") return ok(name, `${endpoint} is free`);
  if (user === "larder") return ok(name, `a Larder server answers at ${endpoint}`);
  if (user === "other") {
    return fail(
      name,
      `something else listens at ${endpoint}`,
      "Stop it, or set LARDER_PORT to a free port.",
    );
  }
  return fail(
    name,
    `${endpoint} cannot be bound: ${user.problem}`,
    "Set LARDER_HOST to an address of this machine, and LARDER_PORT to a port from 1024 on.",
  );
}

/** How the engines' own user is set up. */
export interface EngineUserFacts {
  readonly isRoot: boolean;
  readonly engineUser: string;
  readonly exists: boolean;
}

export function judgeEngineUser({ isRoot, engineUser, exists }: EngineUserFacts): Check {
  const name = "engine user";
  if (!isRoot) return ok(name, "engines run as you do");
  if (exists) return ok(name, `root starts engines as ${engineUser}`);
  return fail(
    name,
    `there is no user ${engineUser}, and engines are never run as root`,
    `As root: \`useradd --system --no-create-home --shell /usr/sbin/nologin ${engineUser}\`, or ` +
      "set LARDER_ENGINE_USER to a user that exists.",
  );
}

/** @param version of the Node that runs this, e.g. "24.21.0" */
export function judgeNode(version: string): Check {
  const major = Number(version.split(".")[0]);
  if (major >= 24) return ok("node", version);
  return fail(
    "node",
    `${version} is too old`,
    "Run `npm install`: it brings the Node that is needed.",
  );
}
