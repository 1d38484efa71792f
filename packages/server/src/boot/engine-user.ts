import { readFileSync } from "node:fs";
import { getuid } from "node:process";
import { ConfigError } from "../config.ts";
import type { EngineUser } from "../runtime/node-directory.ts";

/**
 * The user that engines run as: one of their own when the server is root, else the server's.
 * @throws ConfigError when the server is root and the user does not exist
 */
export function engineUserOf(name: string): EngineUser | null {
  if (getuid === undefined || getuid() !== 0) return null;
  const line = readFileSync("/etc/passwd", "utf8")
    .split("\n")
    .find((one) => one.startsWith(`${name}:`));
  const [, , uid, gid] = line?.split(":") ?? [];
  if (uid === undefined || gid === undefined) {
    throw new ConfigError(
      `engines do not run as root, and there is no user ${name}: run ` +
        `"useradd --system --no-create-home --shell /usr/sbin/nologin ${name}", ` +
        "or set LARDER_ENGINE_USER",
    );
  }
  return { uid: Number(uid), gid: Number(gid) };
}
