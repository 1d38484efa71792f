import { Fault } from "../../aws/fault.ts";
import type { CacheSettings } from "../../resources/cache-settings.ts";
import type { ClusterMode } from "../../resources/cluster-mode.ts";
import { newGroupStatus, onlyShardId } from "../../resources/compile.ts";
import {
  freeMemberIds,
  memberIdStem,
  newMember,
  onlyCacheNodeId,
} from "../../resources/new-members.ts";
import { refIn } from "../../resources/ref.ts";
import type { ReplicationGroupSpec, ShardLayout } from "../../resources/replication-group.ts";
import { adoptPrimary, settingsOf } from "./adoption.ts";
import { adoptableCluster, requireAsItIs } from "./adoptable-cluster.ts";
import { requireAvailability } from "./availability.ts";
import { appendsOnly, newEngine, newSettings } from "./cache-settings-input.ts";
import { checkClusterMode, clusterModeOf } from "./cluster-mode-input.ts";
import { joinAsSecondary } from "./global-secondary.ts";
import { groupIdLengthMax, newIdentifier, required } from "./identifiers.ts";
import { takenClusterIds } from "./known-clusters.ts";
import { tagNewMembers } from "./member-tags.ts";
import type { ElastiCacheCall, Input, Operation } from "./operation.ts";
import { requireParameterGroup } from "./parameter-groups.ts";
import { requireRoomForNodes } from "./quotas.ts";
import { refuseUnavailable } from "./refused-settings.ts";
import { type NewShard, newShards } from "./replication-group-layout.ts";
import { answerWithGroup } from "./replication-groups-describe.ts";
import { validateTags } from "./tag-rules.ts";

type CreateInput = Input<"CreateReplicationGroup">;

const descriptionLengthMax = 255;

export const createReplicationGroup: Operation<"CreateReplicationGroup"> = (input, call) => {
  refuseUnavailable("CreateReplicationGroup", input);
  const id = newIdentifier("ReplicationGroupId", input.ReplicationGroupId, groupIdLengthMax);
  return call.store.transaction(() => {
    if (call.store.get(refIn(call, "replication-group", id)) !== undefined) {
      throw new Fault("ReplicationGroupAlreadyExists", `Replication group ${id} already exists.`);
    }
    if (input.GlobalReplicationGroupId) createAnew(call, id, joinAsSecondary(call, id, input));
    else if (input.PrimaryClusterId) createAround(call, id, input);
    else createAnew(call, id, input);
    return answerWithGroup(call, id);
  });
};

/** A description as asked for. Throws InvalidParameterValue when it is empty or too long. */
export function checkDescription(description: string | undefined): string {
  const text = required("ReplicationGroupDescription", description);
  if (text.length >= 1 && text.length <= descriptionLengthMax) return text;
  throw new Fault(
    "InvalidParameterValue",
    "The parameter ReplicationGroupDescription must have 1 to " +
      `${descriptionLengthMax} characters.`,
  );
}

function createAnew(call: ElastiCacheCall, id: string, input: CreateInput): void {
  const engine = newEngine(input.Engine || "redis", ["redis", "valkey"]);
  const settings = newSettings(call, engine, input, checkClusterMode(input.ClusterMode));
  const clusterMode = clusterModeOf(requireParameterGroup(call, settings.parameterGroup));
  const asked = newShards(call, input, clusterMode);
  const tags = validateTags(input.Tags);
  const taken = takenClusterIds(call);
  const shards = asked.map((shard) => newLayout(id, shard, clusterMode, taken, call.now));
  const members = shards.flatMap((shard) => shard.members);
  const spec = { ...newSpec(input, settings, shards), clusterMode };
  requireSpecAvailability(call, spec);
  requireRoomForNodes(call, members.length);
  const group = refIn(call, "replication-group", id);
  call.store.create(group, spec, newGroupStatus, null);
  call.store.setTags(group, tags);
  tagNewMembers(call, members, tags);
}

/** A node group with members named after the group, and in cluster mode after the shard too. */
export function newLayout(
  groupId: string,
  { id, zones, slots }: NewShard,
  clusterMode: ClusterMode,
  taken: ReadonlySet<string>,
  now: Date,
): ShardLayout {
  const ids = freeMemberIds(memberIdStem(clusterMode, groupId, id), taken, zones.length);
  const members = zones.map((zone, index) =>
    newMember(ids[index] ?? "", onlyCacheNodeId, zone, now),
  );
  return { id, members, slots, handover: null };
}

/** The group takes over everything from the cluster that becomes its primary. */
function createAround(call: ElastiCacheCall, id: string, input: CreateInput): void {
  const cluster = adoptableCluster(call, input.PrimaryClusterId);
  requireAsItIs(call, cluster, input);
  const { members } = cluster.spec;
  const layout = { id: onlyShardId, members, slots: [], handover: null };
  const spec = newSpec(input, settingsOf(cluster.spec), [layout]);
  requireSpecAvailability(call, spec);
  const asked = validateTags(input.Tags);
  adoptPrimary(call.store, cluster, id, spec, asked.size > 0 ? asked : call.store.tags(cluster));
}

function newSpec(
  input: CreateInput,
  settings: CacheSettings,
  shards: readonly ShardLayout[],
): ReplicationGroupSpec {
  return {
    ...settings,
    description: checkDescription(input.ReplicationGroupDescription),
    clusterMode: "disabled",
    shards,
    automaticFailover: input.AutomaticFailoverEnabled ?? false,
    multiAz: input.MultiAZEnabled ?? false,
    migration: null,
  };
}

function requireSpecAvailability(call: ElastiCacheCall, spec: ReplicationGroupSpec): void {
  const appendOnly = appendsOnly(requireParameterGroup(call, spec.parameterGroup));
  requireAvailability(spec, appendOnly, "create");
}
