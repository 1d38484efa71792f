import type { ReplicationGroup } from "@aws-sdk/client-elasticache";
import { assert } from "../../base/assert.ts";
import { page } from "../../aws/pagination.ts";
import { refIn } from "../../resources/ref.ts";
import type { Resource } from "../../resources/resource.ts";
import { globalOf } from "../../store/global-datastores.ts";
import { ShardReader } from "./cache-view.ts";
import { memberRole } from "./global-replication-group-shape.ts";
import { requireGroup } from "./known-groups.ts";
import type { ElastiCacheCall, Operation } from "./operation.ts";
import { refuseUnavailable } from "./refused-settings.ts";
import { replicationGroupShape } from "./replication-group-shape.ts";

export const describeReplicationGroups: Operation<"DescribeReplicationGroups"> = (input, call) => {
  refuseUnavailable("DescribeReplicationGroups", input);
  const { ReplicationGroupId: name } = input;
  const chosen =
    name === undefined ? call.store.list("replication-group", call) : [requireGroup(call, name)];
  const { page: groups, ...next } = page(chosen, input, {
    operation: "DescribeReplicationGroups",
    keyOf: ({ id }) => id,
  });
  const reader = new ShardReader(call.store, call);
  return { ...next, ReplicationGroups: groups.map((group) => shaped(call, reader, group)) };
};

/** What operations on a replication group answer: the group as it now is. */
export function answerWithGroup(
  call: ElastiCacheCall,
  id: string,
): { ReplicationGroup: ReplicationGroup } {
  const group = call.store.get(refIn(call, "replication-group", id));
  assert(group !== undefined, `${id} is there: it was just written`);
  return { ReplicationGroup: shaped(call, new ShardReader(call.store, call), group) };
}

function shaped(
  call: ElastiCacheCall,
  reader: ShardReader,
  group: Resource<"replication-group">,
): ReplicationGroup {
  const shards = group.spec.shards.map(({ id, members }) =>
    reader.read("replication-group", group.id, id, members),
  );
  const global = globalOf(call.store, group);
  return {
    ...replicationGroupShape(group, shards),
    GlobalReplicationGroupInfo: global && {
      GlobalReplicationGroupId: global.id,
      GlobalReplicationGroupMemberRole: memberRole(global, group),
    },
  };
}
