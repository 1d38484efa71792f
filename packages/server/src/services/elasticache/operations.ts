import { notImplemented, type NotImplemented } from "../../aws/not-implemented.ts";
import { createCacheCluster } from "./cache-clusters-create.ts";
import { deleteCacheCluster } from "./cache-clusters-delete.ts";
import { describeCacheClusters } from "./cache-clusters-describe.ts";
import { modifyCacheCluster } from "./cache-clusters-modify.ts";
import { rebootCacheCluster } from "./cache-clusters-reboot.ts";
import {
  authorizeCacheSecurityGroupIngress,
  createCacheSecurityGroup,
  deleteCacheSecurityGroup,
  describeCacheSecurityGroups,
  revokeCacheSecurityGroupIngress,
} from "./cache-security-groups.ts";
import { describeCacheParameters, describeEngineDefaultParameters } from "./describe-parameters.ts";
import { describeCacheEngineVersions } from "./engine-versions.ts";
import { describeEvents } from "./events.ts";
import { completeMigration, startMigration, testMigration } from "./migrations.ts";
import {
  decreaseNodeGroupsInGlobalReplicationGroup,
  increaseNodeGroupsInGlobalReplicationGroup,
  rebalanceSlotsInGlobalReplicationGroup,
} from "./global-node-groups.ts";
import {
  createGlobalReplicationGroup,
  deleteGlobalReplicationGroup,
  describeGlobalReplicationGroups,
  disassociateGlobalReplicationGroup,
  failoverGlobalReplicationGroup,
} from "./global-replication-groups.ts";
import { modifyGlobalReplicationGroup } from "./global-replication-groups-modify.ts";
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
import { describeReservedCacheNodesOfferings } from "./reserved-node-offerings.ts";
import {
  describeReservedCacheNodes,
  purchaseReservedCacheNodesOffering,
} from "./reserved-nodes.ts";
import { describeServiceUpdates } from "./service-updates.ts";
import { describeCacheSubnetGroups } from "./subnet-groups.ts";
import {
  createCacheSubnetGroup,
  deleteCacheSubnetGroup,
  modifyCacheSubnetGroup,
} from "./subnet-groups-change.ts";
import { addTagsToResource, listTagsForResource, removeTagsFromResource } from "./tags.ts";
import { modifyShardConfiguration } from "./shard-configuration.ts";
import { testFailover } from "./test-failover.ts";
import { describeUpdateActions } from "./update-actions-describe.ts";
import { batchApplyUpdateAction, batchStopUpdateAction } from "./update-actions-change.ts";

const noBackups = notImplemented("this version has no backups");
const noServerless = notImplemented("this version has no serverless caches");
const noUsers = notImplemented("this version has no users and user groups");

/** Every operation of the ElastiCache API: leaving one out does not compile. */
export const operations: { readonly [N in OperationName]: Operation<N> | NotImplemented } = {
  AddTagsToResource: addTagsToResource,
  AuthorizeCacheSecurityGroupIngress: authorizeCacheSecurityGroupIngress,
  BatchApplyUpdateAction: batchApplyUpdateAction,
  BatchStopUpdateAction: batchStopUpdateAction,
  CompleteMigration: completeMigration,
  CopyServerlessCacheSnapshot: noServerless,
  CopySnapshot: noBackups,
  CreateCacheCluster: createCacheCluster,
  CreateCacheParameterGroup: createCacheParameterGroup,
  CreateCacheSecurityGroup: createCacheSecurityGroup,
  CreateCacheSubnetGroup: createCacheSubnetGroup,
  CreateGlobalReplicationGroup: createGlobalReplicationGroup,
  CreateReplicationGroup: createReplicationGroup,
  CreateServerlessCache: noServerless,
  CreateServerlessCacheSnapshot: noServerless,
  CreateSnapshot: noBackups,
  CreateUser: noUsers,
  CreateUserGroup: noUsers,
  DecreaseNodeGroupsInGlobalReplicationGroup: decreaseNodeGroupsInGlobalReplicationGroup,
  DecreaseReplicaCount: decreaseReplicaCount,
  DeleteCacheCluster: deleteCacheCluster,
  DeleteCacheParameterGroup: deleteCacheParameterGroup,
  DeleteCacheSecurityGroup: deleteCacheSecurityGroup,
  DeleteCacheSubnetGroup: deleteCacheSubnetGroup,
  DeleteGlobalReplicationGroup: deleteGlobalReplicationGroup,
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
  DescribeCacheSecurityGroups: describeCacheSecurityGroups,
  DescribeCacheSubnetGroups: describeCacheSubnetGroups,
  DescribeEngineDefaultParameters: describeEngineDefaultParameters,
  DescribeEvents: describeEvents,
  DescribeGlobalReplicationGroups: describeGlobalReplicationGroups,
  DescribeReplicationGroups: describeReplicationGroups,
  DescribeReservedCacheNodes: describeReservedCacheNodes,
  DescribeReservedCacheNodesOfferings: describeReservedCacheNodesOfferings,
  DescribeServerlessCacheSnapshots: noServerless,
  DescribeServerlessCaches: noServerless,
  DescribeServiceUpdates: describeServiceUpdates,
  DescribeSnapshots: noBackups,
  DescribeUpdateActions: describeUpdateActions,
  DescribeUserGroups: noUsers,
  DescribeUsers: noUsers,
  DisassociateGlobalReplicationGroup: disassociateGlobalReplicationGroup,
  ExportServerlessCacheSnapshot: noServerless,
  FailoverGlobalReplicationGroup: failoverGlobalReplicationGroup,
  IncreaseNodeGroupsInGlobalReplicationGroup: increaseNodeGroupsInGlobalReplicationGroup,
  IncreaseReplicaCount: increaseReplicaCount,
  ListAllowedNodeTypeModifications: listAllowedNodeTypeModifications,
  ListTagsForResource: listTagsForResource,
  ModifyCacheCluster: modifyCacheCluster,
  ModifyCacheParameterGroup: modifyCacheParameterGroup,
  ModifyCacheSubnetGroup: modifyCacheSubnetGroup,
  ModifyGlobalReplicationGroup: modifyGlobalReplicationGroup,
  ModifyReplicationGroup: modifyReplicationGroup,
  ModifyReplicationGroupShardConfiguration: modifyShardConfiguration,
  ModifyServerlessCache: noServerless,
  ModifyUser: noUsers,
  ModifyUserGroup: noUsers,
  PurchaseReservedCacheNodesOffering: purchaseReservedCacheNodesOffering,
  RebalanceSlotsInGlobalReplicationGroup: rebalanceSlotsInGlobalReplicationGroup,
  RebootCacheCluster: rebootCacheCluster,
  RemoveTagsFromResource: removeTagsFromResource,
  ResetCacheParameterGroup: resetCacheParameterGroup,
  RevokeCacheSecurityGroupIngress: revokeCacheSecurityGroupIngress,
  StartMigration: startMigration,
  TestFailover: testFailover,
  TestMigration: testMigration,
};
