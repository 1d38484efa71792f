import type { CustomerNodeEndpoint } from "@aws-sdk/client-elasticache";
import { isIP } from "node:net";
import { Fault } from "../../aws/fault.ts";
import { isHost, mayConnectTo } from "../../resources/foreign-address.ts";
import type { Migration } from "../../resources/migration.ts";
import type { Resource } from "../../resources/resource.ts";
import { requireGroupAllows } from "./allowed-in.ts";
import { required } from "./identifiers.ts";
import { refuseMember } from "./known-globals.ts";
import { requireGroup } from "./known-groups.ts";
import type { ElastiCacheCall, Operation } from "./operation.ts";
import { answerWithGroup } from "./replication-groups-describe.ts";
import { refuseUnavailable } from "./refused-settings.ts";
import { groupStateOf } from "./states.ts";

type Group = Resource<"replication-group">;

export const testMigration: Operation<"TestMigration"> = (input, call) => {
  refuseUnavailable("TestMigration", input);
  const source = sourceOf(input.CustomerNodeEndpointList);
  return call.store.transaction(() => {
    const group = requireMigratable(call, input.ReplicationGroupId);
    ask(call, group, { ...source, purpose: "trial", completion: null });
    return answerWithGroup(call, group.id);
  });
};

export const startMigration: Operation<"StartMigration"> = (input, call) => {
  refuseUnavailable("StartMigration", input);
  const source = sourceOf(input.CustomerNodeEndpointList);
  return call.store.transaction(() => {
    const group = requireMigratable(call, input.ReplicationGroupId);
    ask(call, group, { ...source, purpose: "move", completion: null });
    return answerWithGroup(call, group.id);
  });
};

export const completeMigration: Operation<"CompleteMigration"> = (input, call) => {
  refuseUnavailable("CompleteMigration", input);
  return call.store.transaction(() => {
    const group = requireGroup(call, input.ReplicationGroupId);
    const { migration } = group.spec;
    if (migration?.purpose !== "move" || group.deletingSince !== null) {
      throw new Fault(
        "ReplicationGroupNotUnderMigrationFault",
        `Replication group ${group.id} is not under migration.`,
      );
    }
    const isForced = input.Force === true || migration.completion === "forced";
    ask(call, group, { ...migration, completion: isForced ? "forced" : "in-sync" });
    return answerWithGroup(call, group.id);
  });
};

function ask(call: ElastiCacheCall, group: Group, migration: Migration): void {
  call.store.setSpec(group, { ...group.spec, migration });
}

/** The group, if it can move over from another engine now. Throws a Fault. */
function requireMigratable(call: ElastiCacheCall, name: string | undefined): Group {
  const group = requireGroup(call, name);
  const { spec, id } = group;
  if (spec.migration?.purpose === "move") {
    throw new Fault(
      "ReplicationGroupAlreadyUnderMigrationFault",
      `Replication group ${id} is already under migration.`,
    );
  }
  refuseMember(call, group, "migrate data to");
  requireGroupAllows("migrate data to", id, groupStateOf(group));
  if (spec.clusterMode !== "disabled") {
    throw unfit(id, "its cluster mode must be disabled.");
  }
  if (!spec.multiAz) throw unfit(id, "Multi-AZ must be enabled.");
  return group;
}

function unfit(id: string, because: string): Fault {
  return new Fault(
    "InvalidReplicationGroupState",
    `Cannot migrate data to replication group ${id}: ${because}`,
  );
}

/** The only source named, which must be an address or a name, and a port. */
function sourceOf(
  endpoints: readonly CustomerNodeEndpoint[] | undefined,
): Pick<Migration, "host" | "port"> {
  const list = required("CustomerNodeEndpointList", endpoints);
  const [endpoint] = list;
  if (endpoint === undefined || list.length > 1) {
    throw new Fault(
      "InvalidParameterValue",
      "The parameter CustomerNodeEndpointList must name exactly one endpoint.",
    );
  }
  const { Address: host = "", Port: port = 0 } = endpoint;
  if (!isHost(host) || (isIP(host) !== 0 && !mayConnectTo(host))) {
    throw new Fault(
      "InvalidParameterValue",
      "The parameter CustomerNodeEndpointList.Address must be the IP address or the name of the " +
        "host that the source runs on.",
    );
  }
  if (Number.isInteger(port) && port >= 1 && port <= 65_535) return { host, port };
  throw new Fault(
    "InvalidParameterValue",
    "The parameter CustomerNodeEndpointList.Port must be a number from 1 to 65535.",
  );
}
