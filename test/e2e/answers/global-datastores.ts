import type {
  GlobalNodeGroup,
  GlobalReplicationGroup,
  GlobalReplicationGroupMember,
} from "@aws-sdk/client-elasticache";
import { absent, each, type Members } from "./expected.ts";

const member: Members<GlobalReplicationGroupMember> = {
  ReplicationGroupId: /^world-(near|far)$/,
  ReplicationGroupRegion: /^(us-east-1|eu-west-1)$/,
  Role: /^(PRIMARY|SECONDARY)$/,
  AutomaticFailover: "enabled",
  Status: "associated",
};

const nodeGroup: Members<GlobalNodeGroup> = {
  GlobalNodeGroupId: /^ldgnf-world-000\d$/,
  // A node group that was only just asked for has none.
  Slots: /^([\d,-]+)?$/,
};

const datastore: Members<GlobalReplicationGroup> = {
  GlobalReplicationGroupId: "ldgnf-world",
  GlobalReplicationGroupDescription: /./,
  Status: "modifying",
  CacheNodeType: /^cache\.m6g\.x?large$/,
  Engine: "redis",
  EngineVersion: /^7\.\d$/,
  Members: absent("only where they are asked for"),
  ClusterEnabled: true,
  GlobalNodeGroups: each(nodeGroup),
  AuthTokenEnabled: false,
  TransitEncryptionEnabled: false,
  AtRestEncryptionEnabled: false,
  ARN: "arn:aws:elasticache::000000000000:globalreplicationgroup:ldgnf-world",
};

/** Global datastores, by what there is to tell apart. */
export const datastores = {
  creating: { ...datastore, Status: "creating" },
  described: { ...datastore, Status: "available", Members: each(member) },
  modifying: datastore,
  deleting: { ...datastore, Status: "deleting" },
} satisfies Record<string, Members<GlobalReplicationGroup>>;
