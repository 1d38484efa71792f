import { Sha256 } from "@aws-crypto/sha256-js";
import type { NodeReport, StatusReport } from "@larder/server/resources/status-report.ts";
import { SignatureV4 } from "@smithy/signature-v4";
import { credentials, type TestServer } from "./server.ts";

const region = "us-east-1";

/** What `larder status` would show of a test server: the only place that tells process ids. */
export async function statusOf(server: Pick<TestServer, "endpoint">): Promise<StatusReport> {
  return (await request(server, "GET", "/larder/status")) as StatusReport;
}

/** Has every cache of a test server save its data and end, and then the server, as `larder down`. */
export async function askDown(server: Pick<TestServer, "endpoint">): Promise<void> {
  await request(server, "POST", "/larder/down");
}

/** The nodes of a cache, in the order of their ids. */
export async function nodesOf(
  server: Pick<TestServer, "endpoint">,
  cacheId: string,
): Promise<readonly NodeReport[]> {
  const { caches } = await statusOf(server);
  const cache = caches.find((one) => one.id === cacheId && one.region === region);
  if (cache === undefined) throw new Error(`the server has no cache ${cacheId}`);
  return cache.shards.flatMap((shard) => shard.nodes);
}

/** The primary of a replicated cache; fails while it has none that runs. */
export async function primaryOf(
  server: Pick<TestServer, "endpoint">,
  cacheId: string,
): Promise<NodeReport & { readonly pid: number }> {
  const primary = (await nodesOf(server, cacheId)).find((node) => node.role === "primary");
  if (primary === undefined || primary.pid === null) throw new Error(`${cacheId} has no primary`);
  return { ...primary, pid: primary.pid };
}

async function request(
  { endpoint }: Pick<TestServer, "endpoint">,
  method: "GET" | "POST",
  path: string,
): Promise<unknown> {
  const { host, hostname } = new URL(endpoint);
  const signer = new SignatureV4({ service: "larder", region, credentials, sha256: Sha256 });
  const { headers } = await signer.sign({
    ...{ method, path, hostname, protocol: "http:", query: {} },
    headers: { host },
  });
  const response = await fetch(`${endpoint}${path}`, { method, headers });
  if (response.ok) return response.json();
  throw new Error(`${method} ${path}: HTTP ${response.status} ${await response.text()}`);
}
