import { bad, type BadRequest, description } from "./bad-request.ts";

const value = "InvalidParameterValue";
const combination = "InvalidParameterCombination";
const groupState = "InvalidReplicationGroupState";

const world = { GlobalReplicationGroupId: "ldgnf-world" };
const now = { ApplyImmediately: true };
const oneNodeGroup = /one node group each/;

/** Requests about global datastores that nobody should send; "world" is one around "large". */
export const badGlobalRequests: readonly BadRequest[] = [
  badCreation({ GlobalReplicationGroupIdSuffix: "1st" }, value, /GlobalReplicationGroupIdSuffix/),
  badCreation({ GlobalReplicationGroupIdSuffix: "a--b" }, value, /GlobalReplicationGroupIdSuffix/),
  badCreation(
    { GlobalReplicationGroupIdSuffix: "world" },
    "GlobalReplicationGroupAlreadyExistsFault",
    /ldgnf-world already exists/,
  ),
  badCreation({ PrimaryReplicationGroupId: "large" }, groupState, /member of global datastore/),
  badCreation({ PrimaryReplicationGroupId: "shop" }, value, /cache\.t4g\.small/),
  ...Object.entries({
    PrimaryClusterId: "solo",
    AutomaticFailoverEnabled: true,
    NumNodeGroups: 1,
    CacheParameterGroupName: "default.redis7",
    CacheNodeType: "cache.m6g.large",
    Engine: "redis",
    EngineVersion: "7.1",
  }).map(([name, setting]) => badSecondary({ [name]: setting }, combination, new RegExp(name))),
  badSecondary({}, value, /us-east-1 already/),
  bad("DeleteReplicationGroup", { ReplicationGroupId: "large" }, groupState, /ldgnf-world/),
  ...Object.entries({
    CacheNodeType: "cache.m6g.xlarge",
    EngineVersion: "7.1",
    CacheParameterGroupName: "default.redis7",
    AutomaticFailoverEnabled: true,
  }).map(([name, setting]) =>
    bad(
      "ModifyReplicationGroup",
      { ReplicationGroupId: "large", [name]: setting },
      groupState,
      new RegExp(`${name}.*ModifyGlobalReplicationGroup`),
    ),
  ),
  bad(
    "StartMigration",
    {
      ReplicationGroupId: "large",
      CustomerNodeEndpointList: [{ Address: "127.0.0.1", Port: 6379 }],
    },
    groupState,
    /member of global datastore/,
  ),
  badChange({ ApplyImmediately: false }, value, /ApplyImmediately/),
  badChange({ CacheNodeType: "cache.t4g.small" }, value, /cache\.t4g\.small/),
  badChange({ EngineVersion: "6.2" }, value, /6\.2/),
  badChange({ AutomaticFailoverEnabled: true }, combination, /at least 1 replica/),
  bad(
    "FailoverGlobalReplicationGroup",
    { ...world, PrimaryRegion: "us-east-1", PrimaryReplicationGroupId: "large" },
    value,
    /its primary/,
  ),
  bad(
    "FailoverGlobalReplicationGroup",
    { ...world, PrimaryRegion: "eu-west-1", PrimaryReplicationGroupId: "large" },
    value,
    /no member/,
  ),
  bad(
    "DisassociateGlobalReplicationGroup",
    { ...world, ReplicationGroupRegion: "us-east-1", ReplicationGroupId: "large" },
    value,
    /its primary/,
  ),
  bad(
    "IncreaseNodeGroupsInGlobalReplicationGroup",
    { ...world, ...now, NodeGroupCount: 2 },
    value,
    oneNodeGroup,
  ),
  bad(
    "IncreaseNodeGroupsInGlobalReplicationGroup",
    { ...world, ApplyImmediately: false, NodeGroupCount: 2 },
    value,
    /ApplyImmediately/,
  ),
  bad(
    "DecreaseNodeGroupsInGlobalReplicationGroup",
    { ...world, ...now, NodeGroupCount: 1 },
    combination,
    /GlobalNodeGroupsToRemove/,
  ),
  bad(
    "DecreaseNodeGroupsInGlobalReplicationGroup",
    { ...world, ...now, NodeGroupCount: 1, GlobalNodeGroupsToRemove: ["ldgnf-world-0001"] },
    value,
    oneNodeGroup,
  ),
  bad("RebalanceSlotsInGlobalReplicationGroup", { ...world, ...now }, value, oneNodeGroup),
  bad(
    "AddTagsToResource",
    {
      ResourceName: "arn:aws:elasticache::000000000000:globalreplicationgroup:ldgnf-world",
      Tags: [{ Key: "a", Value: "b" }],
    },
    "InvalidARN",
    /./,
  ),
  bad(
    "CreateReplicationGroup",
    {
      ReplicationGroupId: "new",
      ReplicationGroupDescription: description,
      GlobalReplicationGroupId: "ldgnf-absent",
    },
    "GlobalReplicationGroupNotFoundFault",
    /absent/,
  ),
];

function badCreation(settings: object, code: string, message: RegExp): BadRequest {
  const input = {
    ...{ GlobalReplicationGroupIdSuffix: "new", PrimaryReplicationGroupId: "shop" },
    ...settings,
  };
  return bad("CreateGlobalReplicationGroup", input, code, message);
}

function badSecondary(settings: object, code: string, message: RegExp): BadRequest {
  const input = {
    ...{ ReplicationGroupId: "more", ReplicationGroupDescription: description },
    ...{ ...world, ...settings },
  };
  return bad("CreateReplicationGroup", input, code, message);
}

function badChange(settings: object, code: string, message: RegExp): BadRequest {
  const input = { ...world, ...now, ...settings };
  return bad("ModifyGlobalReplicationGroup", input, code, message);
}
