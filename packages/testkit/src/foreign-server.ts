import type { Address } from "@larder/server/resources/address.ts";
import { freePort } from "./network.ts";
import { RespConnection } from "./resp-connection.ts";
import { temporaryDirectory } from "./temporary-directory.ts";
import { until } from "./until.ts";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";

/** An engine that somebody else runs: Larder knows nothing of it. */
export interface ForeignServer extends AsyncDisposable {
  readonly address: Address;
  readonly process: ChildProcess;
  /** What `AWS` calls a CustomerNodeEndpointList. */
  readonly endpoints: readonly [{ readonly Address: string; readonly Port: number }];
}

/** Starts one with the given directives, e.g. ["--databases", "32"]. */
export async function startForeignServer(
  directives: readonly string[] = [],
  binary = "redis-server",
): Promise<ForeignServer> {
  await using cleanup = new AsyncDisposableStack();
  const directory = cleanup.use(await temporaryDirectory());
  const host = "127.0.0.1";
  const port = await freePort(host);
  const fixed = ["--port", String(port), "--bind", host, "--save", "", "--protected-mode", "no"];
  const more = ["--enable-debug-command", "yes", "--repl-diskless-sync-delay", "0"];
  const child = spawn(binary, [...fixed, ...more, ...directives], {
    ...{ cwd: directory.path, stdio: "ignore" },
  });
  cleanup.defer(async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, "exit");
    child.kill("SIGKILL");
    await gone;
  });
  await until(
    "the foreign server answers",
    async () => {
      try {
        using connection = await RespConnection.open(host, port);
        await connection.send("PING");
        return true;
      } catch (error) {
        return String(error);
      }
    },
    { withinMs: 10_000 },
  );
  const everything = cleanup.move();
  return {
    ...{ address: { host, port }, process: child, endpoints: [{ Address: host, Port: port }] },
    [Symbol.asyncDispose]: () => everything.disposeAsync(),
  };
}
