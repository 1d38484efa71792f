import type { Route } from "@larder/gateway/protocol.ts";
import { systemClock } from "@larder/server/base/clock.ts";
import { createLog } from "@larder/server/base/log.ts";
import { GatewayProcess } from "@larder/server/network/gateway-process.ts";

// A server as far as the gateway can tell: it puts its routes, says so, and lives until killed.
const [dataDir = "", routes = "[]"] = process.argv.slice(2);
const gateway = new GatewayProcess({ dataDir, clock: systemClock, log: createLog("silent") });
await gateway.apply(JSON.parse(routes) as Route[]);
process.send?.("up");
