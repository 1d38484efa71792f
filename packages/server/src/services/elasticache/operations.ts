import { notImplemented, type NotImplemented } from "../../aws/not-implemented.ts";
import { createCacheCluster } from "./cache-clusters-create.ts";
import { deleteCacheCluster } from "./cache-clusters-delete.ts";
import { describeCacheClusters } from "./cache-clusters-describe.ts";
import { modifyCacheCluster } from "./cache-clusters-modify.ts";
import { rebootCacheCluster } from "./cache-clusters-reboot.ts";
import { describeCacheParameters, describeEngineDefaultParameters } from "./describe-parameters.ts";
import { describeCacheEngineVersions } from "./engine-versions.ts";
import { describeEvents } from "./events.ts";
import { listAllowedNodeTypeModifications } from "./node-type-modifications.ts";
import type { Operation, OperationName } from "./operation.ts";
import {
  createCacheParameterGroup,
  deleteCacheParameterGroup,
  describeCacheParameterGroups,
} from "./parameter-groups.ts";
import { modifyCacheParameterGroup, resetCacheParameterGroup } from "./parameter-values.ts";
import { decreaseReplicaCount, increaseReplicaCount } from "./replica-count.ts";
import { createReplicationGroup } from "./replication-groups-create.ts";
import { deleteReplicationGroup } from "./replication-groups-delete.ts";
import { describeReplicationGroups } from "./replication-groups-describe.ts";
import { modifyReplicationGroup } from "./replication-groups-modify.ts";
import { describeCacheSubnetGroups } from "./subnet-groups.ts";
import { addTagsToResource, listTagsForResource, removeTagsFromResource } from "./tags.ts";
import { testFailover } from "./test-failover.ts";

const noBackups = notImplemented("this version has no backups");
const noClusterMode = notImplemented("this version has no cluster mode");
const noGlobalDatastores = notImplemented("this version has no global datastores");
const noMigration = notImplemented("this version does not migrate from other servers");
const noReservations = notImplemented("self-hosted nodes are not sold");
const noSecurityGroups = notImplemented("there are no cache security groups outside EC2-Classic");
const noServerless = notImplemented("this version has no serverless caches");
const noServiceUpdates = notImplemented("this version has no service updates");
const noSubnetGroups = notImplemented("this version has only the default subnet group");
const noUsers = notImplemented("this version has no users and user groups");

/** Every operation of the ElastiCache API: leaving one out does not compile. */
export const operations: { readonly [N in OperationName]: Operation<N> | NotImplemented } = {
  AddTagsToResource: addTagsToResource,
  AuthorizeCacheSecurityGroupIngress: noSecurityGroups,
  BatchApplyUpdateAction: noServiceUpdates,
  BatchStopUpdateAction: noServiceUpdates,
  CompleteMigration: noMigration,
  CopyServerlessCacheSnapshot: noServerless,
  CopySnapshot: noBackups,
  CreateCacheCluster: createCacheCluster,
  CreateCacheParameterGroup: createCacheParameterGroup,
  CreateCacheSecurityGroup: noSecurityGroups,
  CreateCacheSubnetGroup: noSubnetGroups,
  CreateGlobalReplicationGroup: noGlobalDatastores,
  CreateReplicationGroup: createReplicationGroup,
  CreateServerlessCache: noServerless,
  CreateServerlessCacheSnapshot: noServerless,
  CreateSnapshot: noBackups,
  CreateUser: noUsers,
  CreateUserGroup: noUsers,
  DecreaseNodeGroupsInGlobalReplicationGroup: noGlobalDatastores,
  DecreaseReplicaCount: decreaseReplicaCount,
  DeleteCacheCluster: deleteCacheCluster,
  DeleteCacheParameterGroup: deleteCacheParameterGroup,
  DeleteCacheSecurityGroup: noSecurityGroups,
  DeleteCacheSubnetGroup: noSubnetGroups,
  DeleteGlobalReplicationGroup: noGlobalDatastores,
  DeleteReplicationGroup: deleteReplicationGroup,
  DeleteServerlessCache: noServerless,
  DeleteServerlessCacheSnapshot: noServerless,
  DeleteSnapshot: noBackups,
  DeleteUser: noUsers,
  DeleteUserGroup: noUsers,
  DescribeCacheClusters: describeCacheClusters,
  DescribeCacheEngineVersions: describeCacheEngineVersions,
  DescribeCacheParameterGroups: describeCacheParameterGroups,
  DescribeCacheParameters: describeCacheParameters,
  DescribeCacheSecurityGroups: noSecurityGroups,
  DescribeCacheSubnetGroups: describeCacheSubnetGroups,
  DescribeEngineDefaultParameters: describeEngineDefaultParameters,
  DescribeEvents: describeEvents,
  DescribeGlobalReplicationGroups: noGlobalDatastores,
  DescribeReplicationGroups: describeReplicationGroups,
  DescribeReservedCacheNodes: noReservations,
  DescribeReservedCacheNodesOfferings: noReservations,
  DescribeServerlessCacheSnapshots: noServerless,
  DescribeServerlessCaches: noServerless,
  DescribeServiceUpdates: noServiceUpdates,
  DescribeSnapshots: noBackups,
  DescribeUpdateActions: noServiceUpdates,
  DescribeUserGroups: noUsers,
  DescribeUsers: noUsers,
  DisassociateGlobalReplicationGroup: noGlobalDatastores,
  ExportServerlessCacheSnapshot: noServerless,
  FailoverGlobalReplicationGroup: noGlobalDatastores,
  IncreaseNodeGroupsInGlobalReplicationGroup: noGlobalDatastores,
  IncreaseReplicaCount: increaseReplicaCount,
  ListAllowedNodeTypeModifications: listAllowedNodeTypeModifications,
  ListTagsForResource: listTagsForResource,
  ModifyCacheCluster: modifyCacheCluster,
  ModifyCacheParameterGroup: modifyCacheParameterGroup,
  ModifyCacheSubnetGroup: noSubnetGroups,
  ModifyGlobalReplicationGroup: noGlobalDatastores,
  ModifyReplicationGroup: modifyReplicationGroup,
  ModifyReplicationGroupShardConfiguration: noClusterMode,
  ModifyServerlessCache: noServerless,
  ModifyUser: noUsers,
  ModifyUserGroup: noUsers,
  PurchaseReservedCacheNodesOffering: noReservations,
  RebalanceSlotsInGlobalReplicationGroup: noGlobalDatastores,
  RebootCacheCluster: rebootCacheCluster,
  RemoveTagsFromResource: removeTagsFromResource,
  ResetCacheParameterGroup: resetCacheParameterGroup,
  RevokeCacheSecurityGroupIngress: noSecurityGroups,
  StartMigration: noMigration,
  TestFailover: testFailover,
  TestMigration: noMigration,
};
