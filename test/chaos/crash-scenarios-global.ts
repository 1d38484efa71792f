import { Fault } from "@larder/server/aws/fault.ts";
import {
  globalIdOf,
  globalRef,
  type MemberName,
} from "@larder/server/resources/global-replication-group.ts";
import { refIn } from "@larder/server/resources/ref.ts";
import {
  createGlobalReplicationGroup,
  deleteGlobalReplicationGroup,
  disassociateGlobalReplicationGroup,
  failoverGlobalReplicationGroup,
} from "@larder/server/services/elasticache/global-replication-groups.ts";
import { globalStateOf } from "@larder/server/services/elasticache/known-globals.ts";
import type { ElastiCacheCall } from "@larder/server/services/elasticache/operation.ts";
import { createReplicationGroup } from "@larder/server/services/elasticache/replication-groups-create.ts";
import { deleteReplicationGroup } from "@larder/server/services/elasticache/replication-groups-delete.ts";
import { type CrashScenario, onGroup } from "./crash-scenario.ts";
import type { CrashWorld } from "./crash-world.ts";

const description = { ReplicationGroupDescription: "crash" };

/** A global datastore over two regions, and what its groups are made of. */
interface Datastore {
  readonly global: { readonly GlobalReplicationGroupId: string };
  readonly near: MemberName;
  readonly far: MemberName;
  readonly isCluster: boolean;
}

function datastore(suffix: string, isCluster: boolean): Datastore {
  return {
    global: { GlobalReplicationGroupId: globalIdOf("us-east-1", suffix) },
    near: { region: "us-east-1", id: `${suffix}-near` },
    far: { region: "eu-west-1", id: `${suffix}-far` },
    isCluster,
  };
}

/** A group takes a global datastore from its beginning to its end; its data stays where it was. */
function through(one: Datastore, name: string): CrashScenario {
  return {
    ...{ ...onGroup, name, id: one.near.id },
    // What follows in cluster mode is started anew to do so.
    keepsProcesses: !one.isCluster,
    prepare(crash) {
      const settings = one.isCluster
        ? { ClusterMode: "enabled" as const, NumNodeGroups: 2, ReplicasPerNodeGroup: 1 }
        : { NumCacheClusters: 2 };
      createReplicationGroup(
        {
          ...{ ReplicationGroupId: one.near.id, ...description, Engine: crash.engine },
          ...{ CacheNodeType: "cache.m6g.large", AutomaticFailoverEnabled: true, ...settings },
        },
        crash.call,
      );
    },
    act(crash) {
      const stages = stagesOf(one);
      let stage = 0;
      return () => {
        const next = stages[stage];
        if (next === undefined) return true;
        const missing = next.after(crash);
        if (missing !== true) return missing;
        try {
          next.ask(crash);
        } catch (error) {
          // Clients ask again while a member is busy with what was asked before.
          if (!(error instanceof Fault)) throw error;
          return error.message;
        }
        stage += 1;
        return `stage ${stage}`;
      };
    },
  };
}

/** What groups go through in global datastores. */
export const scenariosOfGlobalDatastores: readonly CrashScenario[] = [
  through(datastore("crash", false), "take a group through a global datastore"),
  {
    ...through(datastore("sharded", true), "take a cluster through a global datastore"),
    ...{ timesMax: 1, alikeMax: 1, withinMs: 90_000 },
  },
];

/** What is asked for once what came before is through. */
interface Stage {
  after(crash: CrashWorld): true | string;
  ask(crash: CrashWorld): void;
}

function stagesOf({ global, near, far, isCluster }: Datastore): readonly Stage[] {
  const isGlobal = (crash: CrashWorld, state: string, primary: MemberName) =>
    standingOf(crash, global.GlobalReplicationGroupId, state, primary);
  const failOver = ({ call }: CrashWorld, { region, id }: MemberName) => {
    const heir = { PrimaryRegion: region, PrimaryReplicationGroupId: id };
    failoverGlobalReplicationGroup({ ...global, ...heir }, call);
  };
  return [
    {
      after: () => true,
      ask({ call }) {
        const suffix = global.GlobalReplicationGroupId.replace(/^[a-z]+-/, "");
        createGlobalReplicationGroup(
          { PrimaryReplicationGroupId: near.id, GlobalReplicationGroupIdSuffix: suffix },
          call,
        );
      },
    },
    {
      after: (crash) => isGlobal(crash, "primary-only", near),
      ask(crash) {
        const nodes = isCluster ? { ReplicasPerNodeGroup: 1 } : { NumCacheClusters: 2 };
        const asked = { ReplicationGroupId: far.id, ...description, ...global, ...nodes };
        createReplicationGroup(asked, callIn(crash, far.region));
      },
    },
    { after: (crash) => isGlobal(crash, "available", near), ask: (crash) => failOver(crash, far) },
    { after: (crash) => isGlobal(crash, "available", far), ask: (crash) => failOver(crash, near) },
    {
      after: (crash) => isGlobal(crash, "available", near),
      ask({ call }) {
        const going = { ReplicationGroupRegion: far.region, ReplicationGroupId: far.id };
        disassociateGlobalReplicationGroup({ ...global, ...going }, call);
      },
    },
    {
      after: (crash) => isGlobal(crash, "primary-only", near),
      ask({ call }) {
        deleteGlobalReplicationGroup({ ...global, RetainPrimaryReplicationGroup: true }, call);
      },
    },
    {
      after: () => true,
      ask: (crash) =>
        void deleteReplicationGroup({ ReplicationGroupId: far.id }, callIn(crash, far.region)),
    },
    {
      after({ call, store }) {
        const group = refIn({ ...call, region: far.region }, "replication-group", far.id);
        const left = [globalRef(call.account, global.GlobalReplicationGroupId), group];
        return left.every((one) => store.get(one) === undefined) || "not all is gone";
      },
      ask: () => {},
    },
  ];
}

function callIn({ call }: CrashWorld, region: string): ElastiCacheCall {
  return { ...call, region };
}

function standingOf(
  { call, store }: CrashWorld,
  id: string,
  state: string,
  primary: MemberName,
): true | string {
  const global = store.get(globalRef(call.account, id));
  if (global === undefined) return "there is no datastore";
  const found = `${globalStateOf(global)}, primary ${global.status.primary.id}`;
  return found === `${state}, primary ${primary.id}` || `${found}: ${global.status.because}`;
}
