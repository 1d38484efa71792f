import { Fault } from "../../aws/fault.ts";
import { shardRef } from "../../resources/compile.ts";
import { requireGroupAllows } from "./allowed-in.ts";
import { required } from "./identifiers.ts";
import { requireGroup, requireShard } from "./known-groups.ts";
import type { ElastiCacheCall, Operation } from "./operation.ts";
import { quotas, requireWithin } from "./quotas.ts";
import { refuseUnavailable } from "./refused-settings.ts";
import { nextHandover } from "./handover.ts";
import { answerWithGroup } from "./replication-groups-describe.ts";
import { groupStateOf } from "./states.ts";

const dayMs = 24 * 60 * 60 * 1_000;
/** The event's text (user guide, "Testing automatic failover"); it also counts the calls. */
const calledFor = "Test Failover API called for node group";

export const testFailover: Operation<"TestFailover"> = (input, call) => {
  refuseUnavailable("TestFailover", input);
  const nodeGroupId = checkNodeGroupId(required("NodeGroupId", input.NodeGroupId));
  return call.store.transaction(() => {
    const group = requireGroup(call, input.ReplicationGroupId);
    const layout = requireShard(group, nodeGroupId);
    requireGroupAllows("test the failover of", group.id, groupStateOf(group));
    if (!group.spec.automaticFailover || layout.members.length < 2) {
      throw new Fault(
        "InvalidReplicationGroupState",
        `Cannot test the failover of replication group ${group.id}: automatic failover must be ` +
          "enabled, and there must be a replica.",
      );
    }
    requireRate(call);
    const shard = call.store.get(shardRef(call, "replication-group", group.id, layout.id));
    const handover = nextHandover(layout, shard, null, "test-failover");
    const shards = group.spec.shards.map((one) => (one === layout ? { ...one, handover } : one));
    call.store.setSpec(group, { ...group.spec, shards });
    call.store.addEvents(call, [
      {
        sourceType: "replication-group",
        sourceId: group.id,
        message: `${calledFor} ${layout.id}`,
      },
    ]);
    return answerWithGroup(call, group.id);
  });
};

/** A node group id with its leading zeros. */
function checkNodeGroupId(id: string): string {
  if (/^\d{1,4}$/.test(id)) return id.padStart(4, "0");
  throw new Fault(
    "InvalidParameterValue",
    "The parameter NodeGroupId must have 1 to 4 digits, such as 0001.",
  );
}

function requireRate(call: ElastiCacheCall): void {
  const events = call.store.events({
    ...{ account: call.account, region: call.region, sourceType: "replication-group" },
    from: new Date(call.now.getTime() - dayMs).toISOString(),
    // Ahead of now: an event is stamped a moment after its call began.
    to: new Date(call.now.getTime() + dayMs).toISOString(),
  });
  const calls = events.filter(({ message }) => message.startsWith(calledFor)).length;
  requireWithin(quotas.testFailoversPerDay, calls + 1);
}
