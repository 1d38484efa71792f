import * as sdk from "@aws-sdk/client-elasticache";
import { queryProtocol } from "../../aws/query/protocol.ts";
import { type AwsService, defineService } from "../../aws/service.ts";
import type { ElastiCacheCall } from "./operation.ts";
import { operations } from "./operations.ts";

/** What the service works with: the state, and what this server can run. */
export type ElastiCacheBackend = Pick<
  ElastiCacheCall,
  "store" | "installed" | "vpc" | "nodesPerRegion"
>;

/** The ElastiCache service. */
export function createElastiCacheService(backend: ElastiCacheBackend): AwsService {
  return defineService({
    name: "elasticache",
    version: "2015-02-02",
    xmlNamespace: "http://elasticache.amazonaws.com/doc/2015-02-02/",
    protocol: queryProtocol,
    sdk,
    operations,
    context: (call): ElastiCacheCall => ({ ...call, ...backend }),
  });
}
