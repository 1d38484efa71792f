import type { OperationName } from "@larder/server/services/elasticache/operation.ts";
import { clusters, groups } from "./caches.ts";
import { datastores } from "./global-datastores.ts";
import {
  absent,
  AlwaysRefused,
  type AnswersOf,
  each,
  empty,
  moment,
  NotThereYet,
} from "./expected.ts";
import {
  nodeTypeParameter,
  offering,
  parameter,
  parameterGroup,
  reservation,
  subnetGroup,
} from "./others.ts";
import { clusterAction, groupAction, processed, serviceUpdate, unprocessed } from "./updates.ts";

const backups = new NotThereYet("backups have an issue of their own");
const serverless = new NotThereYet("serverless caches have an issue of their own");
const users = new NotThereYet("users and user groups have an issue of their own");

const onePage = absent("one page holds all that there is");
const tags = { TagList: each({ Key: "team", Value: "shop" }) };
const nothing = { usual: {} };
const refused = "EC2-Classic is no more: AWS refuses it, and so does Larder";

/**
 * What every operation answers, member by member: what AWS fills in for a cache of this kind is
 * there, and what is absent is absent for a reason.
 */
export const answers: {
  readonly [N in OperationName]: AnswersOf<N> | AlwaysRefused | NotThereYet;
} = {
  AddTagsToResource: { usual: tags },
  AuthorizeCacheSecurityGroupIngress: new AlwaysRefused(refused),
  BatchApplyUpdateAction: {
    usual: { ProcessedUpdateActions: each(processed), UnprocessedUpdateActions: each(unprocessed) },
  },
  BatchStopUpdateAction: {
    usual: { ProcessedUpdateActions: each(processed), UnprocessedUpdateActions: each(unprocessed) },
  },
  CompleteMigration: { usual: { ReplicationGroup: groups.modifying } },
  CopyServerlessCacheSnapshot: serverless,
  CopySnapshot: backups,
  CreateCacheCluster: {
    memcached: { CacheCluster: clusters.memcachedCreating },
    single: { CacheCluster: clusters.singleCreating },
  },
  CreateCacheParameterGroup: { usual: { CacheParameterGroup: parameterGroup } },
  CreateCacheSecurityGroup: new AlwaysRefused(refused),
  CreateCacheSubnetGroup: { usual: { CacheSubnetGroup: subnetGroup } },
  CreateGlobalReplicationGroup: { usual: { GlobalReplicationGroup: datastores.creating } },
  CreateReplicationGroup: {
    usual: { ReplicationGroup: groups.creating },
    "cluster mode": { ReplicationGroup: groups.clusterCreating },
  },
  CreateServerlessCache: serverless,
  CreateServerlessCacheSnapshot: serverless,
  CreateSnapshot: backups,
  CreateUser: users,
  CreateUserGroup: users,
  DecreaseNodeGroupsInGlobalReplicationGroup: {
    usual: { GlobalReplicationGroup: datastores.modifying },
  },
  DecreaseReplicaCount: { usual: { ReplicationGroup: groups.modifying } },
  DeleteCacheCluster: { usual: { CacheCluster: clusters.memcachedDeleting } },
  DeleteCacheParameterGroup: nothing,
  DeleteCacheSecurityGroup: new AlwaysRefused(refused),
  DeleteCacheSubnetGroup: nothing,
  DeleteGlobalReplicationGroup: { usual: { GlobalReplicationGroup: datastores.deleting } },
  DeleteReplicationGroup: {
    usual: { ReplicationGroup: groups.deleting },
    "cluster mode": { ReplicationGroup: groups.clusterDeleting },
  },
  DeleteServerlessCache: serverless,
  DeleteServerlessCacheSnapshot: serverless,
  DeleteSnapshot: backups,
  DeleteUser: users,
  DeleteUserGroup: users,
  DescribeCacheClusters: {
    memcached: { CacheClusters: each(clusters.memcached), Marker: onePage },
    memcachedWithNodes: { CacheClusters: each(clusters.memcachedWithNodes), Marker: onePage },
    member: { CacheClusters: each(clusters.member), Marker: onePage },
    "cluster mode": { CacheClusters: each(clusters.clusterMember), Marker: onePage },
    single: { CacheClusters: each(clusters.single), Marker: onePage },
  },
  DescribeCacheEngineVersions: {
    usual: {
      CacheEngineVersions: each({
        Engine: /^(memcached|redis|valkey)$/,
        EngineVersion: /^\d+\.\d+(\.\d+)?$/,
        CacheParameterGroupFamily: /^(memcached1\.6|redis7|valkey8)$/,
        CacheEngineDescription: /./,
        CacheEngineVersionDescription: /./,
      }),
      Marker: onePage,
    },
  },
  DescribeCacheParameterGroups: {
    usual: { CacheParameterGroups: each(parameterGroup), Marker: onePage },
  },
  DescribeCacheParameters: {
    usual: {
      Parameters: each(parameter),
      CacheNodeTypeSpecificParameters: each(nodeTypeParameter),
      Marker: onePage,
    },
  },
  DescribeCacheSecurityGroups: { usual: { CacheSecurityGroups: empty(refused), Marker: onePage } },
  DescribeCacheSubnetGroups: { usual: { CacheSubnetGroups: each(subnetGroup), Marker: onePage } },
  DescribeEngineDefaultParameters: {
    usual: {
      EngineDefaults: {
        CacheParameterGroupFamily: "redis7",
        Parameters: each(parameter),
        CacheNodeTypeSpecificParameters: each(nodeTypeParameter),
        Marker: onePage,
      },
    },
  },
  DescribeEvents: {
    usual: {
      Events: each({
        SourceIdentifier: /^[a-z0-9-]+$/,
        SourceType: "cache-cluster",
        Message: /./,
        Date: moment,
      }),
      Marker: onePage,
    },
  },
  DescribeGlobalReplicationGroups: {
    usual: { Marker: onePage, GlobalReplicationGroups: each(datastores.described) },
  },
  DescribeReplicationGroups: {
    usual: { ReplicationGroups: each(groups.available), Marker: onePage },
    "cluster mode": { ReplicationGroups: each(groups.cluster), Marker: onePage },
  },
  DescribeReservedCacheNodes: { usual: { ReservedCacheNodes: each(reservation), Marker: onePage } },
  DescribeReservedCacheNodesOfferings: {
    usual: { ReservedCacheNodesOfferings: each(offering), Marker: onePage },
  },
  DescribeServerlessCacheSnapshots: serverless,
  DescribeServerlessCaches: serverless,
  DescribeServiceUpdates: { usual: { ServiceUpdates: each(serviceUpdate), Marker: onePage } },
  DescribeSnapshots: backups,
  DescribeUpdateActions: {
    group: { UpdateActions: each(groupAction), Marker: onePage },
    cluster: { UpdateActions: each(clusterAction), Marker: onePage },
  },
  DescribeUserGroups: users,
  DescribeUsers: users,
  DisassociateGlobalReplicationGroup: { usual: { GlobalReplicationGroup: datastores.modifying } },
  ExportServerlessCacheSnapshot: serverless,
  FailoverGlobalReplicationGroup: { usual: { GlobalReplicationGroup: datastores.modifying } },
  IncreaseNodeGroupsInGlobalReplicationGroup: {
    usual: { GlobalReplicationGroup: datastores.modifying },
  },
  IncreaseReplicaCount: { usual: { ReplicationGroup: groups.growing } },
  ListAllowedNodeTypeModifications: {
    usual: {
      ScaleUpModifications: each(/^cache\./),
      ScaleDownModifications: empty("there is none below cache.t4g.micro"),
    },
  },
  ListTagsForResource: { usual: tags },
  ModifyCacheCluster: { usual: { CacheCluster: clusters.memcachedModifying } },
  ModifyCacheParameterGroup: { usual: { CacheParameterGroupName: "mine" } },
  ModifyCacheSubnetGroup: { usual: { CacheSubnetGroup: subnetGroup } },
  ModifyGlobalReplicationGroup: { usual: { GlobalReplicationGroup: datastores.modifying } },
  ModifyReplicationGroup: { usual: { ReplicationGroup: groups.disablingFailover } },
  ModifyReplicationGroupShardConfiguration: { usual: { ReplicationGroup: groups.resharding } },
  ModifyServerlessCache: serverless,
  ModifyUser: users,
  ModifyUserGroup: users,
  PurchaseReservedCacheNodesOffering: { usual: { ReservedCacheNode: reservation } },
  RebalanceSlotsInGlobalReplicationGroup: {
    usual: { GlobalReplicationGroup: datastores.modifying },
  },
  RebootCacheCluster: { usual: { CacheCluster: clusters.memcachedRebooting } },
  RemoveTagsFromResource: { usual: { TagList: empty("the only tag was removed") } },
  ResetCacheParameterGroup: { usual: { CacheParameterGroupName: "mine" } },
  RevokeCacheSecurityGroupIngress: new AlwaysRefused(refused),
  StartMigration: { usual: { ReplicationGroup: groups.modifying } },
  TestFailover: { usual: { ReplicationGroup: groups.modifying } },
  TestMigration: { usual: { ReplicationGroup: groups.modifying } },
};
