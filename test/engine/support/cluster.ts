import { Redis } from "ioredis";
import type { SlotHolder } from "@larder/server/engine/slot-migration.ts";
import type { InstalledEngine } from "@larder/server/resources/engine-name.ts";
import { until } from "@larder/testkit/until.ts";
import { NodeBench, type TestNode } from "./nodes.ts";

const parameters = { "cluster-enabled": "yes", "repl-backlog-size": "1048576" };

/** A node of a cluster, as the control plane reaches it. */
export interface ClusterNode extends SlotHolder {
  readonly node: TestNode;
  /** For what only the control plane may ask, in the test's own words. */
  readonly control: Redis;
}

/** A small cluster, started by hand. */
export class ClusterBench implements AsyncDisposable {
  readonly bench: NodeBench;
  readonly #controls: Redis[] = [];

  private constructor(bench: NodeBench) {
    this.bench = bench;
  }

  static async open(engine: InstalledEngine): Promise<ClusterBench> {
    return new ClusterBench(await NodeBench.open(engine));
  }

  /** Primaries of one cluster; `ranges` has each one's first and last slot, or null for none. */
  async start(
    ranges: readonly (readonly [number, number] | null)[],
  ): Promise<readonly ClusterNode[]> {
    const nodes: ClusterNode[] = [];
    for (const range of ranges) {
      const one = await this.#startNode();
      if (range !== null) {
        await one.control.call("CLUSTER", "ADDSLOTSRANGE", String(range[0]), String(range[1]));
      }
      await one.control.call("CLUSTER", "SET-CONFIG-EPOCH", String(nodes.length + 1));
      nodes.push(one);
    }
    await this.#introduce(nodes);
    return nodes;
  }

  /** A replica of `primary`, in step with it. */
  async startReplica(primary: ClusterNode, all: readonly ClusterNode[]): Promise<ClusterNode> {
    const replica = await this.#startNode();
    await this.#introduce([...all, replica]);
    await replica.control.call("CLUSTER", "REPLICATE", primary.nodeId);
    await until(
      "the replica is in step",
      async () => {
        const info = await replica.control.info("replication");
        return info.includes("master_link_status:up") || info;
      },
      { withinMs: 15_000 },
    );
    return replica;
  }

  async #startNode(): Promise<ClusterNode> {
    const node = await this.bench.start({ parameters });
    const { address } = node;
    const control = new Redis({
      ...{ host: address.host, port: address.port, username: "larder" },
      ...{ password: this.bench.password, retryStrategy: null, maxRetriesPerRequest: 0 },
    });
    control.on("error", () => {}); // told by the command that fails
    this.#controls.push(control);
    const { cluster, slots } = node.session;
    if (cluster === undefined || slots === undefined) throw new Error("no cluster mode");
    return { node, control, cluster, slots, address, nodeId: (await cluster.view()).self };
  }

  async #introduce(nodes: readonly ClusterNode[]): Promise<void> {
    const [first] = nodes;
    for (const { control } of nodes.slice(1)) {
      await control.call("CLUSTER", "MEET", first?.address.host ?? "", "6379");
    }
    await until(
      "all know all and serve",
      async () => {
        const views = await Promise.all(nodes.map(({ cluster }) => cluster.view()));
        const isWhole = views.every(
          (view) => view.ok && view.nodes.filter((one) => one.met).length === nodes.length,
        );
        return isWhole || JSON.stringify(views);
      },
      { withinMs: 20_000 },
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const control of this.#controls) control.disconnect();
    await this.bench[Symbol.asyncDispose]();
  }
}
