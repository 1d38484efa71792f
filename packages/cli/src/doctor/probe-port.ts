import { createServer } from "node:net";
import type { Config } from "@larder/server/config.ts";
import { endpointOf } from "../address.ts";
import { askHealth } from "../server-client.ts";
import type { PortUser } from "./judge-larder.ts";

const healthWithinMs = 2_000;

/** Finds out who listens at the server's address, by listening there for a moment. */
export async function findPortUser(config: Config): Promise<PortUser> {
  const problem = await bindProblem(config.host, config.port);
  if (problem === null) return "nobody";
  if (problem.code !== "EADDRINUSE") return { problem: problem.code ?? problem.message };
  return (await askHealth(endpointOf(config), healthWithinMs)) === null ? "other" : "larder";
}

function bindProblem(host: string, port: number): Promise<NodeJS.ErrnoException | null> {
  const outcome = Promise.withResolvers<NodeJS.ErrnoException | null>();
  const probe = createServer();
  probe.once("error", (error) => outcome.resolve(error));
  probe.listen(port, host, () => probe.close(() => outcome.resolve(null)));
  return outcome.promise;
}
