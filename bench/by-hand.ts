import { temporaryDirectory } from "@larder/testkit/temporary-directory.ts";
import { until } from "@larder/testkit/until.ts";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, readFileSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";

/** An engine that nobody manages. */
export interface BareEngine extends AsyncDisposable {
  readonly host: string;
  readonly port: number;
}

/**
 * Starts the engine that a node of ours runs, with the node's own configuration and arguments, on
 * another address.
 * @param pid of the node, whose program and arguments are taken over
 */
export async function startByHand(
  pid: number,
  nodeDirectory: string,
  own: string,
  host: string,
): Promise<BareEngine> {
  await using cleanup = new AsyncDisposableStack();
  const directory = cleanup.use(await temporaryDirectory());
  const [program = "", ...args] = readFileSync(`/proc/${pid}/cmdline`, "utf8")
    .split("\0")
    .slice(0, -1);
  const executable = program.split(" ")[0] ?? "";
  const config = configOf(nodeDirectory, own, host);
  const isMemcached = executable.endsWith("memcached");
  if (config !== null) writeFileSync(join(directory.path, "node.conf"), config);
  chmodSync(directory.path, 0o777);
  const child = spawn(
    executable,
    isMemcached ? args.map((one) => one.replaceAll(own, host)) : ["node.conf"],
    { cwd: directory.path, stdio: "ignore", env: { LANG: "C", TZ: "UTC" }, ...userOf(pid) },
  );
  await once(child, "spawn");
  cleanup.defer(async () => {
    if (child.exitCode !== null) return;
    const gone = once(child, "exit");
    child.kill("SIGKILL");
    await gone;
  });
  const port = isMemcached ? 11_211 : 6_379;
  await until(`${executable} listens`, () => accepts(host, port), { withinMs: 5_000 });
  const everything = cleanup.move();
  return { host, port, [Symbol.asyncDispose]: () => everything.disposeAsync() };
}

/** The node's configuration with another address; null of memcached, which has none. */
function configOf(nodeDirectory: string, own: string, host: string): string | null {
  try {
    return readFileSync(join(nodeDirectory, "node.conf"), "utf8").replaceAll(own, host);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw error;
  }
}

/** The user and group that a process runs as. */
function userOf(pid: number): { readonly uid: number; readonly gid: number } {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  const id = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+)`, "m").exec(status)?.[1]);
  return { uid: id("Uid"), gid: id("Gid") };
}

async function accepts(host: string, port: number): Promise<true | string> {
  const socket = connect(port, host);
  try {
    await once(socket, "connect");
    return true;
  } finally {
    socket.destroy();
  }
}
