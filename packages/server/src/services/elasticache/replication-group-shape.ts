import type {
  AutomaticFailoverStatus,
  NodeGroup,
  NodeGroupMember,
  ReplicationGroup,
  ReplicationGroupPendingModifiedValues,
  ReshardingStatus,
} from "@aws-sdk/client-elasticache";
import { arnOf } from "../../resources/arn.ts";
import type { ClusterMode } from "../../resources/cluster-mode.ts";
import type { Resource } from "../../resources/resource.ts";
import { isPrimary } from "../../resources/spare.ts";
import type { ShardLayout } from "../../resources/replication-group.ts";
import { progressPercent } from "../../resources/slot-shares.ts";
import { formatSlots, type SlotRange } from "../../resources/slots.ts";
import type { Place, ShardView } from "./cache-view.ts";
import { endpointShape } from "./endpoint-shape.ts";
import { groupStateOf } from "./states.ts";

type Group = Resource<"replication-group">;

/**
 * A replication group as the API writes it.
 * @param shards as many as the group's spec has, in its order
 */
export function replicationGroupShape(
  group: Group,
  shards: readonly ShardView[],
): ReplicationGroup {
  const { id, spec, createdAt } = group;
  const clusterMode = shownMode(group);
  const state = groupStateOf(group);
  const exists = state !== "creating" && state !== "create-failed";
  return {
    ReplicationGroupId: id,
    Description: spec.description,
    Status: state,
    PendingModifiedValues: pendingShape(group, shards),
    MemberClusters: shards.flatMap(({ places }) => places.map(({ member }) => member.clusterId)),
    NodeGroups: exists
      ? shards.map((view, index) => nodeGroupShape(group, view, index))
      : undefined,
    AutomaticFailover: automaticFailover(group, shards),
    MultiAZ: spec.multiAz ? "enabled" : "disabled",
    ConfigurationEndpoint: exists ? endpointShape(group.status.configuration) : undefined,
    SnapshotRetentionLimit: 0,
    ClusterEnabled: clusterMode !== "disabled",
    ClusterMode: clusterMode,
    CacheNodeType: spec.nodeType,
    AuthTokenEnabled: false,
    TransitEncryptionEnabled: false,
    AtRestEncryptionEnabled: false,
    ARN: arnOf(group, "replicationgroup", id),
    UserGroupIds: [],
    LogDeliveryConfigurations: [],
    ReplicationGroupCreateTime: new Date(createdAt),
    DataTiering: "disabled",
    AutoMinorVersionUpgrade: spec.autoMinorVersionUpgrade,
    NetworkType: "ipv4",
    IpDiscovery: "ipv4",
    Engine: spec.engine,
  };
}

/** The mode that the group is in; a change shows as pending until it was carried out. */
function shownMode({ spec, status }: Group): ClusterMode {
  return status.clusterMode ?? spec.clusterMode;
}

function nodeGroupShape(group: Group, view: ShardView, index: number): NodeGroup {
  const state = groupStateOf(group);
  const clusterMode = shownMode(group);
  // Endpoints that a cluster's shards have are for whoever follows these, not for its clients.
  const endpoints = clusterMode === "enabled" ? undefined : view.shard?.status.endpoints;
  const layout = group.spec.shards[index];
  return {
    NodeGroupId: layout?.id,
    Status: state === "migrating" ? "available" : state,
    PrimaryEndpoint: endpointShape(endpoints?.primary),
    ReaderEndpoint: endpointShape(endpoints?.reader),
    // In cluster mode clients learn roles and addresses from the cluster, which changes by itself.
    Slots: clusterMode === "disabled" ? undefined : formatSlots(slotsOf(group, layout)),
    NodeGroupMembers: view.places.map((place) => memberShape(clusterMode, view, place)),
  };
}

/** The slots that a shard was last seen to hold; before that, those that it was asked to. */
function slotsOf({ status }: Group, layout: ShardLayout | undefined): readonly SlotRange[] {
  if (layout === undefined) return [];
  return status.slotsHeld[layout.id] ?? (status.settledGeneration === 0 ? layout.slots : []);
}

function memberShape(
  clusterMode: ClusterMode,
  { shard }: ShardView,
  { member, node }: Place,
): NodeGroupMember {
  const { clusterId, cacheNodeId, zone } = member;
  const place = {
    CacheClusterId: clusterId,
    CacheNodeId: cacheNodeId,
    PreferredAvailabilityZone: zone,
  };
  if (clusterMode === "enabled") return place;
  return {
    ...place,
    ReadEndpoint: endpointShape(node?.status.address),
    CurrentRole: isPrimary(member, shard?.status.primary ?? null) ? "primary" : "replica",
  };
}

/** A group's shards fail over by themselves once each was told to; until then it is on its way. */
function automaticFailover(group: Group, shards: readonly ShardView[]): AutomaticFailoverStatus {
  const wanted = group.spec.automaticFailover;
  const inForce = shards.map(({ shard }) => shard?.spec.automaticFailover);
  const settled = groupStateOf(group) !== "creating";
  if (wanted) return settled && inForce.every((one) => one === true) ? "enabled" : "enabling";
  return inForce.some((one) => one === true) ? "disabling" : "disabled";
}

function pendingShape(
  group: Group,
  shards: readonly ShardView[],
): ReplicationGroupPendingModifiedValues {
  // What a new group is created with is not pending.
  if (groupStateOf(group) !== "modifying") return {};
  const promoting = group.spec.shards.find(
    ({ handover }, index) =>
      handover !== null &&
      handover.reason === "promote" &&
      handover.number > (shards[index]?.shard?.status.handledHandover ?? 0),
  );
  const failover = automaticFailover(group, shards);
  const { clusterMode } = group.spec;
  return {
    ClusterMode: clusterMode === shownMode(group) ? undefined : clusterMode,
    Resharding: reshardingShape(group),
    PrimaryClusterId: promoting?.handover?.to ?? undefined,
    AutomaticFailoverStatus:
      failover === "enabling" ? "enabled" : failover === "disabling" ? "disabled" : undefined,
  };
}

/** How far slots have moved; a change that was only just accepted stands at the beginning. */
function reshardingShape({ spec, status }: Group): ReshardingStatus | undefined {
  if (spec.clusterMode !== "enabled") return undefined;
  const asItIs = spec.shards.every(
    ({ id, slots }) => formatSlots(slots) === formatSlots(status.slotsHeld[id] ?? []),
  );
  if (status.resharding === null && asItIs) return undefined;
  const percent = status.resharding === null ? 0 : progressPercent(status.resharding);
  return { SlotMigration: { ProgressPercentage: percent } };
}
