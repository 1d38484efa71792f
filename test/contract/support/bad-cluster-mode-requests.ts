import { bad, type BadRequest, cluster } from "./bad-request.ts";

const value = "InvalidParameterValue";
const combination = "InvalidParameterCombination";
const notInClusterMode = /not supported for .* cluster mode enabled, such as sharded/;
/** A node of the group in cluster mode. */
const member = { CacheClusterId: "sharded-0001-002" };

/** Bad requests for the replication group "sharded": in cluster mode, with a replica in each shard. */
export const badClusterModeRequests: readonly BadRequest[] = [
  bad(
    "RebootCacheCluster",
    { ...member, CacheNodeIdsToReboot: ["0001"] },
    combination,
    notInClusterMode,
  ),
  bad("DeleteCacheCluster", member, combination, notInClusterMode),
  bad(
    "CreateCacheCluster",
    { CacheClusterId: "extra", ReplicationGroupId: "sharded" },
    combination,
    notInClusterMode,
  ),
  bad(
    "CreateCacheCluster",
    { ...cluster(member.CacheClusterId), Engine: "redis" },
    "CacheClusterAlreadyExists",
    /sharded-0001-002/,
  ),
  badChange({ PrimaryClusterId: member.CacheClusterId }, combination, notInClusterMode),
  badChange({ AutomaticFailoverEnabled: false }, combination, /Turning off automatic failover/),
  bad(
    "TestFailover",
    { ReplicationGroupId: "sharded", NodeGroupId: "0004" },
    "NodeGroupNotFoundFault",
    /0004/,
  ),
  badCount("IncreaseReplicaCount", { NewReplicaCount: 1 }, "NoOperationFault", /1 replica/),
  badCount("IncreaseReplicaCount", { NewReplicaCount: 6 }, value, /NewReplicaCount/),
  badShard("IncreaseReplicaCount", { NodeGroupId: "0004", NewReplicaCount: 2 }, value, /0001/),
  badCount("DecreaseReplicaCount", { NewReplicaCount: 1 }, "NoOperationFault", /1 replica/),
  badCount("DecreaseReplicaCount", { ReplicasToRemove: ["sharded-0001-001"] }, value, /primary/),
];

function badChange(settings: object, code: string, message: RegExp): BadRequest {
  const input = { ReplicationGroupId: "sharded", ApplyImmediately: true, ...settings };
  return bad("ModifyReplicationGroup", input, code, message);
}

function badCount(
  operation: "IncreaseReplicaCount" | "DecreaseReplicaCount",
  settings: object,
  code: string,
  message: RegExp,
): BadRequest {
  const input = { ReplicationGroupId: "sharded", ApplyImmediately: true, ...settings };
  return bad(operation, input, code, message);
}

function badShard(
  operation: "IncreaseReplicaCount" | "DecreaseReplicaCount",
  configuration: object,
  code: string,
  message: RegExp,
): BadRequest {
  return badCount(operation, { ReplicaConfiguration: [configuration] }, code, message);
}
