import { enginesInstalled } from "@larder/testkit/engines.ts";
import { type ChaosTest, say } from "../suite.ts";
import { engineUpgraded, nodeTypeChanged, nodesRebooted } from "./changes.ts";
import { clusterNodeTypeChanged } from "./cluster.ts";

/** How the tests of planned changes are run. */
export interface ScaleSuite {
  /** Engines of the redis family. */
  readonly engines: readonly string[];
  readonly rounds: number;
}

const replicaCounts = [0, 1, 2] as const;

/** Node type, engine and reboots, each with no, one and two replicas; and a cluster's node type. */
export function scaleTests({ engines, rounds }: ScaleSuite): readonly ChaosTest[] {
  const installed = enginesInstalled();
  const canUpgrade = installed.includes("redis") && installed.includes("valkey");
  const upgrades = replicaCounts.map((replicas): ChaosTest => ({
    ...{ id: `UPGRADE-${replicas}`, engine: "redis to valkey" },
    run: () => engineUpgraded({ replicas, rounds, say }),
  }));
  const others = engines.flatMap((engine) =>
    replicaCounts.flatMap((replicas): readonly ChaosTest[] => {
      const options = { engine, replicas, rounds, say };
      return [
        { id: `TYPE-${replicas}`, engine, run: () => nodeTypeChanged(options) },
        { id: `REBOOT-${replicas}`, engine, run: () => nodesRebooted(options) },
      ];
    }),
  );
  const clusters = engines.map((engine): ChaosTest => ({
    ...{ id: "TYPE-CLUSTER", engine },
    run: () => clusterNodeTypeChanged({ engine, rounds, say }),
  }));
  return [...others, ...clusters, ...(canUpgrade ? upgrades : [])];
}
