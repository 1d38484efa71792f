import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { until } from "@larder/testkit/until.ts";

/** An engine started by hand. */
export interface BareEngine extends AsyncDisposable {
  readonly host: string;
}

/**
 * Starts the same engine with the same configuration as a node of ours, on another address.
 * @param nodeDirectory of the node whose configuration is taken
 */
export async function startBareEngine(
  engine: string,
  nodeDirectory: string,
  own: string,
  host: string,
  directory: string,
): Promise<BareEngine> {
  const config = readFileSync(join(nodeDirectory, "node.conf"), "utf8").replaceAll(own, host);
  const child = spawn(`${engine}-server`, ["-"], { cwd: directory, stdio: "pipe" });
  child.stdout.resume();
  child.stderr.resume();
  const ended = once(child, "exit");
  child.stdin.end(config);
  await until(`${engine} answers at ${host}`, () => answers(host), { withinMs: 10_000 });
  return {
    host,
    async [Symbol.asyncDispose]() {
      child.kill("SIGKILL");
      await ended;
    },
  };
}

function answers(host: string): Promise<true | string> {
  return new Promise((resolve) => {
    const socket = connect({ host, port: 6379 });
    socket.once("connect", () => resolve(true));
    socket.once("error", (error) => resolve(error.message));
    socket.once("connect", () => socket.destroy());
  });
}
