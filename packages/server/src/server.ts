import { readFileSync } from "node:fs";
import { join } from "node:path";
import { deferService } from "./aws/deferred-service.ts";
import { ec2QueryProtocol } from "./aws/ec2-query/protocol.ts";
import { rootKeyRing } from "./aws/key-ring.ts";
import { systemClock as clock } from "./base/clock.ts";
import type { Log } from "./base/log.ts";
import { takeAddressRange } from "./boot/address-range.ts";
import { recordReleases } from "./boot/engine-releases.ts";
import { engineUserOf } from "./boot/engine-user.ts";
import { rootKeyOf } from "./boot/root-key.ts";
import { statusReport } from "./boot/status-report.ts";
import { type Config, searchPath } from "./config.ts";
import { discoverEngines } from "./engine/discovery.ts";
import { createMemcachedDriver } from "./engine/memcached/driver.ts";
import { createRedisFamilyDriver } from "./engine/redis-family/driver.ts";
import { createHttp } from "./http/server.ts";
import { GatewayProcess } from "./network/gateway-process.ts";
import { createLoopbackNetwork } from "./network/loopback.ts";
import { createPortsNetwork } from "./network/ports.ts";
import { ControlPlane } from "./reconcile/control-plane.ts";
import { haltedSetting } from "./reconcile/shard/observe.ts";
import type { InstalledEngine } from "./resources/engine-name.ts";
import { withPendingNodes } from "./resources/pending-nodes.ts";
import { vulnerabilitiesOf, worstOf } from "./resources/vulnerabilities/vulnerability.ts";
import { openFilesLimit } from "./runtime/open-files.ts";
import { openProcessRuntime } from "./runtime/process-runtime.ts";
import { createElastiCacheService } from "./services/elasticache/service.ts";
import { createStsService } from "./services/sts/service.ts";
import { openStore } from "./store/sqlite-store.ts";

/** Asked to stop. */
const exitDone = 0;

const { version } = JSON.parse(
  readFileSync(new URL("../package.json", import.meta.url), "utf8"),
) as { version: string };

/**
 * Puts the server together: the only place that knows everyone.
 * @throws ConfigError when it cannot start as configured
 */
export async function startServer(config: Config, log: Log): Promise<void> {
  const { dataDir, vpcCidr, region } = config;
  if (config.network === "loopback") await takeAddressRange(vpcCidr);
  const rootKey = rootKeyOf(config);
  const store = openStore(join(dataDir, "state.db"), clock);
  store.setSetting(haltedSetting, "no");
  const { installed, leftOut } = await discoverEngines([...config.enginePath, ...searchPath()]);
  for (const one of leftOut) log.warn(one, "an engine was left out");
  warnOfVulnerabilities(installed, log);
  recordReleases(store, installed, { account: config.accountId, region });
  const user = engineUserOf(config.engineUser);
  const vpc = { cidr: vpcCidr };
  const controlPlane = new ControlPlane({
    ...{ store, clock, log, vpc, installed },
    runtime: await openProcessRuntime({ dataDir, user, clock }),
    network: networkOf(config),
    gateway: new GatewayProcess({ dataDir, clock, log }),
    drivers: [createRedisFamilyDriver(clock), createMemcachedDriver(clock, await openFilesLimit())],
    failureTimeoutMs: config.failureTimeoutMs,
    applyPending: withPendingNodes,
  });
  const stop = async () => {
    await http.close();
    await controlPlane.stop();
    store.close();
    process.exit(exitDone);
  };
  const http = createHttp({
    services: [
      createElastiCacheService({ store, installed, vpc, nodesPerRegion: config.nodesPerRegion }),
      createStsService(),
      deferService("ec2", ec2QueryProtocol, async () => {
        const { createEc2Service } = await import("./services/ec2/service.ts");
        const addresses = config.network === "loopback" ? vpcCidr : null;
        return createEc2Service({ store, vpc, region, addresses });
      }),
    ],
    keyRing: rootKeyRing({
      accessKeyId: rootKey.accessKeyId,
      secret: rootKey.secretAccessKey,
      account: config.accountId,
    }),
    ...{ log, clock, version, host: config.host, port: config.port },
    admin: {
      status: async () => statusReport(store, controlPlane.fleet, { version, region }),
      async down() {
        await controlPlane.halt();
        clock.after(0, () => void stop());
      },
    },
  });
  await controlPlane.start();
  const { host, port } = await http.listen();
  log.info({ host, port, version, engines: installed }, "ready");
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => void stop());
}

function warnOfVulnerabilities(installed: readonly InstalledEngine[], log: Log): void {
  for (const one of installed) {
    const found = vulnerabilitiesOf(one);
    if (found.length === 0) continue;
    const { engine, binaryVersion } = one;
    const vulnerabilities = found.map(({ id }) => id);
    const worst = worstOf(found);
    log.warn({ engine, binaryVersion, worst, vulnerabilities }, "an engine has vulnerabilities");
  }
}

function networkOf({ network, host, firstNodePort }: Config) {
  if (network === "loopback") return createLoopbackNetwork();
  const address = host === "localhost" ? "127.0.0.1" : host;
  return createPortsNetwork(address, { first: firstNodePort, last: firstNodePort + 9_999 });
}
