import type {
  NodeGroupMemberUpdateStatus,
  ProcessedUpdateAction,
  ServiceUpdate,
  UnprocessedUpdateAction,
  UpdateAction,
} from "@aws-sdk/client-elasticache";
import { absent, each, type Members, moment } from "./expected.ts";

const name = "elasticache-redis-7-0-15";

const ofEveryUpdate = {
  ServiceUpdateName: name,
  ServiceUpdateReleaseDate: moment,
  ServiceUpdateSeverity: "important",
  ServiceUpdateRecommendedApplyByDate: moment,
  ServiceUpdateStatus: "available",
  ServiceUpdateType: "security-update",
  EstimatedUpdateTime: /per node$/,
  Engine: "redis",
} as const;

export const serviceUpdate: Members<ServiceUpdate> = {
  ...ofEveryUpdate,
  ServiceUpdateEndDate: absent("it goes on until a newer one takes its place"),
  ServiceUpdateDescription: /CVE-\d{4}-\d+/,
  EngineVersion: "7.0, 7.1",
  AutoUpdateAfterRecommendedApplyByDate: true,
};

const member: Members<NodeGroupMemberUpdateStatus> = {
  CacheClusterId: /^shop-00\d$/,
  CacheNodeId: "0001",
  NodeUpdateStatus: "not-applied",
  NodeDeletionDate: absent("the node stays: only its process is another one"),
  NodeUpdateStartDate: absent("it did not begin yet"),
  NodeUpdateEndDate: absent("it did not begin yet"),
  NodeUpdateInitiatedBy: absent("nobody asked for it yet"),
  NodeUpdateInitiatedDate: absent("nobody asked for it yet"),
  NodeUpdateStatusModifiedDate: moment,
};

const ofEveryAction: Omit<
  Members<UpdateAction>,
  "ReplicationGroupId" | "CacheClusterId" | "NodeGroupUpdateStatus" | "CacheNodeUpdateStatus"
> = {
  ...ofEveryUpdate,
  UpdateActionAvailableDate: moment,
  UpdateActionStatus: "not-applied",
  NodesUpdated: /^0\/\d$/,
  UpdateActionStatusModifiedDate: moment,
  SlaMet: "n/a",
};

export const groupAction: Members<UpdateAction> = {
  ...ofEveryAction,
  ReplicationGroupId: "shop",
  CacheClusterId: absent("it is a group's"),
  NodeGroupUpdateStatus: each({
    NodeGroupId: "0001",
    NodeGroupMemberUpdateStatus: each(member),
  }),
  CacheNodeUpdateStatus: absent("a group's nodes are listed by node group"),
};

export const clusterAction: Members<UpdateAction> = {
  ...ofEveryAction,
  ReplicationGroupId: absent("it is a cluster's"),
  CacheClusterId: "sessions",
  NodeGroupUpdateStatus: absent("nodes are listed when that is asked for"),
  CacheNodeUpdateStatus: absent("nodes are listed when that is asked for"),
};

export const processed: Members<ProcessedUpdateAction> = {
  ReplicationGroupId: "shop",
  CacheClusterId: absent("it is a group's"),
  ServiceUpdateName: name,
  UpdateActionStatus: /^(waiting-to-start|stopping|stopped)$/,
};

export const unprocessed: Members<UnprocessedUpdateAction> = {
  ReplicationGroupId: absent("it is a cluster's"),
  CacheClusterId: "nobody",
  ServiceUpdateName: name,
  ErrorType: "CacheClusterNotFound",
  ErrorMessage: "CacheCluster not found: nobody",
};
