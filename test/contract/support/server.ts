import { ElastiCacheClient } from "@aws-sdk/client-elasticache";
import type { AwsService } from "@larder/server/aws/service.ts";
import { type KeyRing, rootKeyRing } from "@larder/server/aws/key-ring.ts";
import { type Clock, systemClock } from "@larder/server/base/clock.ts";
import type { Log } from "@larder/server/base/log.ts";
import type { Admin } from "@larder/server/http/admin.ts";
import { createHttp } from "@larder/server/http/server.ts";

export const credentials = { accessKeyId: "AKIDTEST", secretAccessKey: "s3cr3t/with+signs" };
export const account = "000000000000";
export const keyRing = rootKeyRing({
  accessKeyId: credentials.accessKeyId,
  secret: credentials.secretAccessKey,
  account,
});

export interface LogLine {
  readonly level: string;
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** A log that keeps its lines. */
export function memoryLog(): Log & { readonly lines: LogLine[] } {
  const lines: LogLine[] = [];
  const write = (level: string) => (fields: object, message: string) => {
    lines.push({ level, message, fields: { ...fields } });
  };
  const log = {
    lines,
    debug: write("debug"),
    info: write("info"),
    warn: write("warn"),
    error: write("error"),
    child: () => log,
  };
  return log;
}

/** A running HTTP server on a free port of the loopback interface. */
export async function startHttp(
  services: readonly AwsService[],
  options: {
    readonly clock?: Clock;
    readonly admin?: Admin;
    readonly keys?: KeyRing;
  } = {},
) {
  const log = memoryLog();
  const admin: Admin = options.admin ?? {
    status: async () => ({ version: "0.0.0", region: "us-east-1", caches: [] }),
    down: async () => {},
  };
  const { clock = systemClock, keys = keyRing } = options;
  const address = { host: "127.0.0.1", port: 0 };
  const http = createHttp({
    services,
    keyRing: keys,
    log,
    clock,
    admin,
    version: "0.0.0",
    ...address,
  });
  const { host, port } = await http.listen();
  return {
    log,
    port,
    url: `http://${host}:${port}`,
    close: () => http.close(),
    async [Symbol.asyncDispose]() {
      await http.close();
    },
  };
}

/** The real SDK's client for a server; it asks once and does not retry. */
export function clientOf(url: string, region = "us-east-1"): ElastiCacheClient {
  return new ElastiCacheClient({ endpoint: url, region, credentials, maxAttempts: 1 });
}
