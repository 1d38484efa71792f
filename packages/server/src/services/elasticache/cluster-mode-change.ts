import { Fault } from "../../aws/fault.ts";
import type { ClusterMode } from "../../resources/cluster-mode.ts";
import type { ReplicationGroupSpec } from "../../resources/replication-group.ts";
import type { Resource } from "../../resources/resource.ts";
import { evenSlots } from "../../resources/slots.ts";
import type { Input } from "./operation.ts";
import { isDefaultGroup } from "./parameter-groups.ts";

type Group = Resource<"replication-group">;
type ModifyInput = Input<"ModifyReplicationGroup">;

/** Which modes a group can be changed to from each (user guide, "Modifying cluster mode"). */
const changes: Readonly<Record<ClusterMode, readonly ClusterMode[]>> = {
  disabled: ["compatible"],
  compatible: ["enabled", "disabled"],
  enabled: [],
};

/** What may stand beside ClusterMode in a request. */
const alongside: readonly (keyof ModifyInput)[] = [
  "ReplicationGroupId",
  "ClusterMode",
  "ApplyImmediately",
];

/** Whether a request would change the cluster mode. One that names the present one does not. */
export function asksForOtherMode({ spec }: Group, mode: string | undefined): boolean {
  return Boolean(mode) && checkedMode(mode) !== spec.clusterMode;
}

/** The spec with the cluster mode that a request asks for. Throws a Fault when it cannot be had. */
export function withClusterMode(group: Group, input: ModifyInput): ReplicationGroupSpec {
  const { spec, id } = group;
  const mode = checkedMode(input.ClusterMode);
  if (!changes[spec.clusterMode].includes(mode)) {
    const ways = changes[spec.clusterMode].join(" or ") || "nothing else";
    throw contradiction(
      `The parameter ClusterMode of replication group ${id} can change from ${spec.clusterMode} ` +
        `to ${ways}, and not to ${mode}.`,
    );
  }
  requireAlone(input);
  if (input.ApplyImmediately !== true) {
    throw contradiction(
      "The parameter ClusterMode can only be changed with ApplyImmediately true.",
    );
  }
  if (mode === "compatible") requireReady(group);
  const slots = mode === "disabled" ? [] : evenSlots(1);
  return {
    ...spec,
    clusterMode: mode,
    parameterGroup: parameterGroupFor(spec.parameterGroup, mode),
    shards: spec.shards.map((layout) => ({ ...layout, slots })),
  };
}

/**
 * Throws InvalidReplicationGroupState between the two modes: nothing but the mode can change then.
 */
export function requireNotCompatible({ spec, id }: Group): void {
  if (spec.clusterMode !== "compatible") return;
  throw new Fault(
    "InvalidReplicationGroupState",
    `Replication group ${id} cannot be modified while its cluster mode is compatible: change ` +
      "ClusterMode to enabled or disabled first.",
  );
}

function checkedMode(mode: string | undefined): ClusterMode {
  const known = (["disabled", "compatible", "enabled"] as const).find(
    (one) => one === mode?.toLowerCase(),
  );
  if (known !== undefined) return known;
  throw new Fault(
    "InvalidParameterValue",
    `The parameter ClusterMode must be disabled, compatible or enabled; it is ${mode}.`,
  );
}

function requireAlone(input: ModifyInput): void {
  const other = Object.entries(input).find(
    ([name, value]) => value !== undefined && !alongside.some((one) => one === name),
  );
  if (other === undefined) return;
  throw contradiction(
    `The parameters ClusterMode and ${other[0]} cannot be changed in one request.`,
  );
}

function requireReady({ spec, id }: Group): void {
  const replicas = spec.shards.every(({ members }) => members.length > 1);
  if (!spec.automaticFailover || !replicas) {
    throw contradiction(
      `The parameter ClusterMode of replication group ${id} can only be compatible with automatic ` +
        "failover enabled and at least 1 replica.",
    );
  }
  if (spec.pending === null) return;
  throw new Fault(
    "InvalidReplicationGroupState",
    `The cluster mode of replication group ${id} cannot change while other changes wait for its ` +
      "maintenance window.",
  );
}

/** Once a cache is in cluster mode for good, its default group is the one for that. */
function parameterGroupFor(name: string, mode: ClusterMode): string {
  return mode === "enabled" && isDefaultGroup(name) ? `${name}.cluster.on` : name;
}

function contradiction(message: string): Fault {
  return new Fault("InvalidParameterCombination", message);
}
