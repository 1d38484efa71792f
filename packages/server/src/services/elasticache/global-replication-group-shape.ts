import type {
  GlobalNodeGroup,
  GlobalReplicationGroup,
  GlobalReplicationGroupMember,
} from "@aws-sdk/client-elasticache";
import { partitionOf } from "../../resources/arn.ts";
import {
  type GlobalMember,
  homeOf,
  memberKey,
  sameMember,
} from "../../resources/global-replication-group.ts";
import { refIn } from "../../resources/ref.ts";
import type { Resource } from "../../resources/resource.ts";
import { formatSlots } from "../../resources/slots.ts";
import { globalStateOf } from "./known-globals.ts";
import type { ElastiCacheCall } from "./operation.ts";

type Global = Resource<"global-replication-group">;

/** A global datastore as the API writes it; its members only where they are asked for. */
export function globalShape(
  call: ElastiCacheCall,
  global: Global,
  withMembers: boolean,
): GlobalReplicationGroup {
  const { id, account, spec } = global;
  const group = call.store.get(
    refIn(homeOf(global, spec.primary), "replication-group", spec.primary.id),
  );
  const partition = partitionOf(spec.primary.region);
  return {
    GlobalReplicationGroupId: id,
    GlobalReplicationGroupDescription: spec.description,
    Status: globalStateOf(global),
    CacheNodeType: group?.spec.nodeType,
    Engine: group?.spec.engine,
    EngineVersion: group?.spec.engineVersion,
    Members: withMembers ? spec.members.map((one) => memberShape(call, global, one)) : undefined,
    ClusterEnabled: group?.spec.clusterMode === "enabled",
    GlobalNodeGroups: group === undefined ? undefined : nodeGroups(id, group),
    AuthTokenEnabled: false,
    TransitEncryptionEnabled: false,
    AtRestEncryptionEnabled: false,
    ARN: `arn:${partition}:elasticache::${account}:globalreplicationgroup:${id}`,
  };
}

/** The node groups that all members have, with the slots that the primary's were last seen to hold. */
function nodeGroups(
  globalId: string,
  { spec, status }: Resource<"replication-group">,
): GlobalNodeGroup[] | undefined {
  if (spec.clusterMode !== "enabled") return undefined;
  return spec.shards.map(({ id }) => ({
    GlobalNodeGroupId: `${globalId}-${id}`,
    Slots: formatSlots(status.slotsHeld[id] ?? []),
  }));
}

function memberShape(
  call: ElastiCacheCall,
  global: Global,
  member: GlobalMember,
): GlobalReplicationGroupMember {
  const { region, id, leaving } = member;
  const group = call.store.get(refIn(homeOf(global, member), "replication-group", id));
  const isAssociated = global.status.associated.includes(memberKey(member));
  return {
    ReplicationGroupId: id,
    ReplicationGroupRegion: region,
    Role: memberRole(global, member),
    AutomaticFailover: group?.spec.automaticFailover === true ? "enabled" : "disabled",
    Status: leaving ? "disassociating" : isAssociated ? "associated" : "associating",
  };
}

/** AWS's word for a member's place. */
export function memberRole(
  { status }: Global,
  member: Pick<GlobalMember, "region" | "id">,
): "PRIMARY" | "SECONDARY" {
  return sameMember(status.primary, member) ? "PRIMARY" : "SECONDARY";
}
