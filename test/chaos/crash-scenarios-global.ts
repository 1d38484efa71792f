import { Fault } from "@larder/server/aws/fault.ts";
import { globalRef } from "@larder/server/resources/global-replication-group.ts";
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
import type { CrashScenario } from "./crash-scenario.ts";
import type { CrashWorld } from "./crash-world.ts";

const near = { region: "us-east-1", id: "near" };
const far = { region: "eu-west-1", id: "far" };
const world = { GlobalReplicationGroupId: "ldgnf-crash" };
const description = { ReplicationGroupDescription: "crash" };

/** A global datastore from its beginning to its end; its primary's data stays where it was. */
export const scenarioOfGlobalDatastores: CrashScenario = {
  ...{ kind: "replication-group", exists: { before: true, after: true } },
  ...{ name: "take a group through a global datastore", id: near.id, keepsProcesses: true },
  prepare(crash) {
    createReplicationGroup(
      {
        ...{ ReplicationGroupId: near.id, ...description, Engine: crash.engine },
        ...{ CacheNodeType: "cache.m6g.large", NumCacheClusters: 2 },
        AutomaticFailoverEnabled: true,
      },
      crash.call,
    );
  },
  act(crash) {
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

/** What is asked for once what came before is through. */
interface Stage {
  after(crash: CrashWorld): true | string;
  ask(crash: CrashWorld): void;
}

const stages: readonly Stage[] = [
  {
    after: () => true,
    ask({ call }) {
      const named = { PrimaryReplicationGroupId: near.id, GlobalReplicationGroupIdSuffix: "crash" };
      createGlobalReplicationGroup(named, call);
    },
  },
  {
    after: (crash) => isGlobal(crash, "primary-only", near),
    ask(crash) {
      const asked = { ReplicationGroupId: far.id, ...description, ...world, NumCacheClusters: 2 };
      createReplicationGroup(asked, callIn(crash, far.region));
    },
  },
  { after: (crash) => isGlobal(crash, "available", near), ask: (crash) => failOver(crash, far) },
  { after: (crash) => isGlobal(crash, "available", far), ask: (crash) => failOver(crash, near) },
  {
    after: (crash) => isGlobal(crash, "available", near),
    ask({ call }) {
      const going = { ReplicationGroupRegion: far.region, ReplicationGroupId: far.id };
      disassociateGlobalReplicationGroup({ ...world, ...going }, call);
    },
  },
  {
    after: (crash) => isGlobal(crash, "primary-only", near),
    ask({ call }) {
      deleteGlobalReplicationGroup({ ...world, RetainPrimaryReplicationGroup: true }, call);
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
      const left = [globalRef(call.account, world.GlobalReplicationGroupId), group];
      return left.every((one) => store.get(one) === undefined) || "not all is gone";
    },
    ask: () => {},
  },
];

function callIn({ call }: CrashWorld, region: string): ElastiCacheCall {
  return { ...call, region };
}

function failOver({ call }: CrashWorld, { region, id }: typeof far): void {
  const heir = { PrimaryRegion: region, PrimaryReplicationGroupId: id };
  failoverGlobalReplicationGroup({ ...world, ...heir }, call);
}

function isGlobal({ call, store }: CrashWorld, state: string, primary: typeof far): true | string {
  const global = store.get(globalRef(call.account, world.GlobalReplicationGroupId));
  if (global === undefined) return "there is no datastore";
  const found = `${globalStateOf(global)}, primary ${global.status.primary.id}`;
  return found === `${state}, primary ${primary.id}` || `${found}: ${global.status.because}`;
}
