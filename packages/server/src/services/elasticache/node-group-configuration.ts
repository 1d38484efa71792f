import type { NodeGroupConfiguration } from "@aws-sdk/client-elasticache";
import { Fault } from "../../aws/fault.ts";
import type { ClusterMode } from "../../resources/cluster-mode.ts";
import {
  countSlots,
  parseSlots,
  slotCount,
  type SlotRange,
  slotsIn,
} from "../../resources/slots.ts";
import type { KnownSubnetGroup } from "../../store/networks.ts";
import type { ElastiCacheCall } from "./operation.ts";
import { replicasPerShardMax } from "./quotas.ts";
import { refuseMember } from "./refused-settings.ts";
import type { LayoutInput, ShardWish } from "./replication-group-layout.ts";
import { checkZone, checkZones } from "./zones.ts";

const parameter = "NodeGroupConfiguration";

/** The node groups that a request describes one by one. Throws a Fault for what cannot be. */
export function configuredShards(
  call: ElastiCacheCall,
  subnetGroup: KnownSubnetGroup,
  input: LayoutInput,
  clusterMode: ClusterMode,
): readonly ShardWish[] {
  const { NodeGroupConfiguration: configurations = [], ReplicasPerNodeGroup: perGroup } = input;
  if (input.NumCacheClusters !== undefined || (input.PreferredCacheClusterAZs ?? []).length > 0) {
    throw contradiction(
      "NodeGroupConfiguration cannot be combined with NumCacheClusters or " +
        "PreferredCacheClusterAZs: it says how many nodes there are, and where.",
    );
  }
  const ids = shardIds(configurations);
  const wishes = configurations.map((configuration, index) => {
    const id = ids[index] ?? "";
    return shardWish(call, subnetGroup, configuration, id, perGroup, clusterMode);
  });
  requireAllSlots(wishes);
  return wishes;
}

/** The number of a parameter, if it is one in range. Throws InvalidParameterValue. */
export function requireInRange(name: string, value: number, min: number, max: number): void {
  if (Number.isInteger(value) && value >= min && value <= max) return;
  throw new Fault(
    "InvalidParameterValue",
    `The parameter ${name} must be a number from ${min} to ${max}; it is ${value}.`,
  );
}

/** The ids that are given, with their leading zeros, and the lowest free numbers for the others. */
function shardIds(configurations: readonly NodeGroupConfiguration[]): readonly string[] {
  const given = configurations.map(({ NodeGroupId: id }) => {
    if (id === undefined) return null;
    if (/^\d{1,4}$/.test(id) && Number(id) > 0) return id.padStart(4, "0");
    throw invalid(`${parameter}.NodeGroupId must have 1 to 4 digits, such as 0001; it is ${id}.`);
  });
  const taken = new Set(given.filter((id) => id !== null));
  if (taken.size < given.filter((id) => id !== null).length) {
    throw invalid(`${parameter}.NodeGroupId must be another one for each node group.`);
  }
  let next = 0;
  return given.map((id) => {
    if (id !== null) return id;
    do next += 1;
    while (taken.has(String(next).padStart(4, "0")));
    return String(next).padStart(4, "0");
  });
}

function shardWish(
  call: ElastiCacheCall,
  subnetGroup: KnownSubnetGroup,
  configuration: NodeGroupConfiguration,
  id: string,
  perGroup: number | undefined,
  clusterMode: ClusterMode,
): ShardWish {
  const outposts = "Outposts";
  refuseMember(`${parameter}.PrimaryOutpostArn`, configuration.PrimaryOutpostArn, outposts);
  refuseMember(`${parameter}.ReplicaOutpostArns`, configuration.ReplicaOutpostArns, outposts);
  const listed = configuration.ReplicaAvailabilityZones ?? [];
  const replicas = replicaCount(configuration, perGroup, listed.length);
  const { PrimaryAvailabilityZone: primary } = configuration;
  return {
    id,
    replicas,
    primaryZone: primary
      ? checkZone(call, subnetGroup, `${parameter}.PrimaryAvailabilityZone`, primary)
      : null,
    replicaZones: checkZones(call, subnetGroup, `${parameter}.ReplicaAvailabilityZones`, listed),
    slots: slotsAskedFor(configuration, clusterMode),
  };
}

function replicaCount(
  { ReplicaCount: count }: NodeGroupConfiguration,
  perGroup: number | undefined,
  listed: number,
): number {
  const replicas = count ?? perGroup ?? listed;
  requireInRange(`${parameter}.ReplicaCount`, replicas, 0, replicasPerShardMax);
  if (perGroup !== undefined && perGroup !== replicas) {
    throw contradiction(
      "ReplicasPerNodeGroup and NodeGroupConfiguration.ReplicaCount must be the same when both " +
        "are given.",
    );
  }
  if (listed > 0 && listed !== replicas) {
    throw contradiction(
      "NodeGroupConfiguration.ReplicaAvailabilityZones must name as many availability zones as " +
        `there are replicas: ${replicas}.`,
    );
  }
  return replicas;
}

function slotsAskedFor(
  { Slots: text }: NodeGroupConfiguration,
  clusterMode: ClusterMode,
): readonly SlotRange[] | null {
  if (!text) return null;
  if (clusterMode === "disabled") {
    throw contradiction(`${parameter}.Slots is for replication groups in cluster mode.`);
  }
  const slots = parseSlots(text);
  if (slots !== null) return slots;
  throw invalid(
    `${parameter}.Slots must be ranges of slots from 0 to ${slotCount - 1}, such as ` +
      `0-5460 or 0-99,200-299; it is ${text}.`,
  );
}

/** Throws unless every slot is asked for once, or none is. */
function requireAllSlots(wishes: readonly ShardWish[]): void {
  const asked = wishes.flatMap(({ slots }) => slots ?? []);
  if (asked.length === 0) return;
  const isWhole = slotsIn(asked).length === slotCount && countSlots(asked) === slotCount;
  if (isWhole && wishes.every(({ slots }) => slots !== null)) return;
  throw invalid(
    `${parameter}.Slots must cover the slots from 0 to ${slotCount - 1}, each once, or be left ` +
      "out of every node group.",
  );
}

function invalid(message: string): Fault {
  return new Fault("InvalidParameterValue", `The parameter ${message}`);
}

function contradiction(message: string): Fault {
  return new Fault("InvalidParameterCombination", message);
}
