import { Fault } from "../../aws/fault.ts";
import type { Resource } from "../../resources/resource.ts";
import { requireClusterAllows } from "./allowed-in.ts";
import { requireCluster } from "./known-clusters.ts";
import type { ElastiCacheCall, Input } from "./operation.ts";
import { checkSecurityGroups } from "./security-groups-input.ts";
import { requireSubnetGroup } from "./subnet-groups.ts";

/** Settings that a group has from the cluster around which it is made. */
type TakenOver = Pick<
  Input<"CreateReplicationGroup">,
  | "Engine"
  | "EngineVersion"
  | "CacheNodeType"
  | "Port"
  | "CacheParameterGroupName"
  | "CacheSubnetGroupName"
  | "SecurityGroupIds"
  | "PreferredMaintenanceWindow"
  | "AutoMinorVersionUpgrade"
  | "NumCacheClusters"
  | "NumNodeGroups"
  | "ReplicasPerNodeGroup"
  | "NodeGroupConfiguration"
  | "PreferredCacheClusterAZs"
  | "ClusterMode"
>;

/**
 * The stand-alone node that is to become the primary of a new group. Throws a Fault when there is
 * none of that name, or it is not of the kind, or not available.
 */
export function adoptableCluster(
  call: ElastiCacheCall,
  name: string | undefined,
): Resource<"cache-cluster"> {
  const { id, own, membership, state } = requireCluster(call, name);
  if (own === null) {
    throw new Fault(
      "InvalidParameterValue",
      `The parameter PrimaryClusterId must name a cache cluster outside any replication group; ` +
        `${id} is a member of replication group ${membership?.group.id}.`,
    );
  }
  if (own.spec.engine === "memcached") {
    throw new Fault(
      "InvalidParameterValue",
      `The parameter PrimaryClusterId must name a redis or valkey cache cluster; ${id} runs memcached.`,
    );
  }
  requireClusterAllows("adopt", id, state);
  return own;
}

/**
 * Throws InvalidParameterCombination when the request would change a setting of the cluster: it is
 * taken over as it is, with its node running on.
 */
export function requireAsItIs(
  call: ElastiCacheCall,
  { id, spec }: Resource<"cache-cluster">,
  input: TakenOver,
): void {
  const subnetGroup = requireSubnetGroup(call, spec.subnetGroup);
  const securityGroupIds = input.SecurityGroupIds?.length
    ? checkSecurityGroups(call, subnetGroup, input.SecurityGroupIds)
    : spec.securityGroupIds;
  const asked: readonly (readonly [keyof TakenOver, unknown, unknown])[] = [
    ["Engine", input.Engine?.toLowerCase(), spec.engine],
    ["EngineVersion", input.EngineVersion, spec.engineVersion],
    ["CacheNodeType", input.CacheNodeType?.toLowerCase(), spec.nodeType],
    ["Port", input.Port, spec.port],
    ["CacheParameterGroupName", input.CacheParameterGroupName?.toLowerCase(), spec.parameterGroup],
    ["CacheSubnetGroupName", input.CacheSubnetGroupName?.toLowerCase(), spec.subnetGroup],
    ["SecurityGroupIds", asText(securityGroupIds), asText(spec.securityGroupIds)],
    [
      "PreferredMaintenanceWindow",
      input.PreferredMaintenanceWindow?.toLowerCase(),
      spec.maintenanceWindow,
    ],
    ["AutoMinorVersionUpgrade", input.AutoMinorVersionUpgrade, spec.autoMinorVersionUpgrade],
    ["NumCacheClusters", input.NumCacheClusters, 1],
    ["NumNodeGroups", input.NumNodeGroups, 1],
    ["ReplicasPerNodeGroup", input.ReplicasPerNodeGroup, 0],
    ["NodeGroupConfiguration", input.NodeGroupConfiguration?.length || undefined, 0],
    ["ClusterMode", input.ClusterMode?.toLowerCase(), "disabled"],
    ["PreferredCacheClusterAZs", input.PreferredCacheClusterAZs?.length || undefined, 0],
  ];
  const other = asked.find(([, value, is]) => value !== undefined && value !== "" && value !== is);
  if (other === undefined) return;
  throw new Fault(
    "InvalidParameterCombination",
    `The parameter ${other[0]} cannot be combined with PrimaryClusterId: the group takes over ` +
      `${id} as it is, and starts with that one node.`,
  );
}

function asText(ids: readonly string[]): string {
  return ids.toSorted().join(", ");
}
