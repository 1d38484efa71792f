import type { CacheCluster, CacheNode, PendingModifiedValues } from "@aws-sdk/client-elasticache";
import type { PendingNodes } from "../../resources/cache-cluster.ts";
import { arnOf } from "../../resources/arn.ts";
import type { Home } from "../../resources/ref.ts";
import { endpointShape } from "./endpoint-shape.ts";
import type { Place } from "./cache-view.ts";
import type { KnownCluster } from "./known-clusters.ts";
import type { ApplyStatus, ParameterStatus } from "./parameter-status.ts";
import { isRebooting } from "./states.ts";

/** AWS shows the same page for every cluster: its clients' download page. */
const clientDownloadLandingPage =
  "https://console.aws.amazon.com/elasticache/home#client-download:";

/** What a cache cluster looks like beside what is kept of it. */
export interface ClusterDetails {
  readonly parameters: ParameterStatus;
  readonly showNodes: boolean;
}

/** A cache cluster as the API writes it. Encryption is off for every cache of this version. */
export function cacheClusterShape(
  home: Home,
  cluster: KnownCluster,
  { parameters, showNodes }: ClusterDetails,
): CacheCluster {
  const { id, settings, state, places, membership, configuration } = cluster;
  return {
    CacheClusterId: id,
    ConfigurationEndpoint: endpointShape(configuration),
    ClientDownloadLandingPage: clientDownloadLandingPage,
    CacheNodeType: settings.nodeType,
    Engine: settings.engine,
    EngineVersion: settings.engineVersion,
    CacheClusterStatus: state,
    NumCacheNodes: Math.max(places.length, 1),
    PreferredAvailabilityZone: zoneText(cluster),
    CacheClusterCreateTime: new Date(cluster.createdAt),
    PreferredMaintenanceWindow: settings.maintenanceWindow,
    PendingModifiedValues: pendingShape(cluster),
    CacheSecurityGroups: [],
    CacheParameterGroup: {
      CacheParameterGroupName: settings.parameterGroup,
      ParameterApplyStatus: parameters.status,
      CacheNodeIdsToReboot: [...parameters.toReboot],
    },
    CacheSubnetGroupName: settings.subnetGroup,
    CacheNodes: showNodes ? nodeShapes(cluster, parameters) : undefined,
    AutoMinorVersionUpgrade: settings.autoMinorVersionUpgrade,
    SecurityGroups: settings.securityGroupIds.map((SecurityGroupId) => ({
      SecurityGroupId,
      Status: "active",
    })),
    ReplicationGroupId: membership?.group.id,
    SnapshotRetentionLimit: settings.engine === "memcached" ? undefined : 0,
    AuthTokenEnabled: false,
    TransitEncryptionEnabled: false,
    AtRestEncryptionEnabled: false,
    ARN: arnOf(home, "cluster", id),
    ReplicationGroupLogDeliveryEnabled: false,
    LogDeliveryConfigurations: [],
    NetworkType: "ipv4",
    IpDiscovery: "ipv4",
  };
}

// A node is listed once it has an address: Terraform's provider fails on a node without endpoint.
function nodeShapes(cluster: KnownCluster, parameters: ParameterStatus): CacheNode[] {
  const staying = cluster.places.flatMap((place) => {
    const { member, node } = place;
    if (node === undefined || node.status.address === null) return [];
    const parameterStatus = parameters.byNode.get(member.cacheNodeId) ?? "in-sync";
    const state = nodeState(cluster, place);
    return [nodeShape(node.spec, node.status.address, state, parameterStatus, node)];
  });
  const leaving = cluster.leaving.flatMap((node) => {
    if (node.status.address === null) return [];
    return [nodeShape(node.spec, node.status.address, "deleting", "in-sync", node)];
  });
  return [...staying, ...leaving];
}

function nodeShape(
  { cacheNodeId, zone }: { readonly cacheNodeId: string; readonly zone: string },
  address: { readonly host: string; readonly port: number },
  state: string,
  parameterStatus: ApplyStatus,
  { createdAt }: { readonly createdAt: string },
): CacheNode {
  return {
    CacheNodeId: cacheNodeId,
    CacheNodeStatus: state,
    CacheNodeCreateTime: new Date(createdAt),
    Endpoint: endpointShape(address),
    ParameterGroupStatus: parameterStatus,
    CustomerAvailabilityZone: zone,
  };
}

function nodeState({ state }: KnownCluster, place: Place): string {
  if (state === "deleting" || state === "creating") return state;
  if (isRebooting(place)) return "rebooting";
  return place.node === undefined || place.node.status.launched === 0 ? "creating" : "available";
}

/** What waits; a group's changes of node type and engine are shown on its members. */
function pendingShape({ places, own, settings }: KnownCluster): PendingModifiedValues {
  const { nodeType = null, engine = null } = settings.pending ?? {};
  return {
    ...pendingNodesShape(places, own?.spec.pendingNodes ?? null),
    CacheNodeType: nodeType ?? undefined,
    EngineVersion: engine?.engineVersion,
  };
}

function pendingNodesShape(
  places: readonly Place[],
  pending: PendingNodes | null,
): PendingModifiedValues {
  if (pending === null) return {};
  const { add, remove } = pending;
  const count = places.length + add.length - remove.length;
  return {
    NumCacheNodes: count,
    CacheNodeIdsToRemove: remove.length > 0 ? [...remove] : undefined,
  };
}

function zoneText({ places, leaving }: KnownCluster): string | undefined {
  const zones = new Set(places.map(({ member }) => member.zone));
  return zones.size > 1 ? "Multiple" : ([...zones][0] ?? leaving[0]?.spec.zone);
}
