import type { Clock } from "../../base/clock.ts";
import type { Address } from "../../resources/address.ts";
import type {
  Cluster,
  Listening,
  Persistence,
  Replication,
  Sample,
  Session,
  Tuning,
} from "../engine.ts";
import { NodeCluster } from "./cluster.ts";
import { ClusterReplication } from "./cluster-replication.ts";
import type { SlotKeeping } from "../slot-keeping.ts";
import type { ControlConnection } from "./connection.ts";
import { figureOf, type Info, replicationViewOf } from "./info.ts";
import { NodeListening } from "./listening.ts";
import { readInfo } from "./node-info.ts";
import { NodeReplication } from "./replication.ts";
import { NodeTuning } from "./tuning.ts";
import { NodeSlots } from "./slot-keeping.ts";

/** What is known of a node that has answered nothing but BUSY: that it lives. */
const unread: Sample = {
  usedMemoryBytes: 0,
  maxMemoryBytes: 0,
  connections: 0,
  opsPerSecond: 0,
  loading: false,
  replication: null,
};

/** A control connection to a redis or valkey node. */
export class RedisFamilySession implements Session {
  readonly address: Address;
  readonly closed: Promise<void>;
  readonly replication: Replication;
  readonly listening: Listening;
  readonly persistence: Persistence;
  readonly cluster?: Cluster;
  readonly tuning: Tuning;
  readonly slots?: SlotKeeping;
  readonly #clock: Clock;
  readonly #connection: ControlConnection;
  #last: { readonly sample: Sample; readonly commands: number; readonly atMs: number } | null =
    null;

  constructor(clock: Clock, connection: ControlConnection, clusterMode: boolean) {
    this.#clock = clock;
    this.#connection = connection;
    this.address = connection.address;
    this.closed = connection.closed;
    if (clusterMode) {
      this.cluster = new NodeCluster(connection);
      this.slots = new NodeSlots(connection);
    }
    this.replication = clusterMode
      ? new ClusterReplication(clock, connection)
      : new NodeReplication(clock, connection);
    this.listening = new NodeListening(connection);
    this.tuning = new NodeTuning(connection);
    this.persistence = { saveAndExit: () => this.#saveAndExit() };
  }

  async sample(): Promise<Sample> {
    try {
      const sections = ["memory", "clients", "stats", "replication", "persistence"];
      return this.#read(await readInfo(this.#connection, sections));
    } catch (error) {
      // A script or a loading data set keeps the node from more, but it lives and says so.
      if (isAnswer(error)) return { ...(this.#last?.sample ?? unread), opsPerSecond: 0 };
      throw error;
    }
  }

  async databases(): Promise<readonly number[]> {
    const info = await readInfo(this.#connection, ["keyspace"]);
    return [...info.keys()].flatMap((name) => {
      const found = /^db(\d{1,5})$/.exec(name);
      return found === null ? [] : [Number(found[1])];
    });
  }

  close(): void {
    this.#connection.close();
  }

  #read(info: Info): Sample {
    const commands = figureOf(info, "total_commands_processed");
    const atMs = this.#clock.monotonicMs();
    const sample: Sample = {
      usedMemoryBytes: figureOf(info, "used_memory"),
      maxMemoryBytes: figureOf(info, "maxmemory"),
      connections: figureOf(info, "connected_clients"),
      opsPerSecond: this.#last === null ? 0 : rate(this.#last, { commands, atMs }),
      loading: info.get("loading") === "1",
      replication: replicationViewOf(info),
    };
    this.#last = { sample, commands, atMs };
    return sample;
  }

  async #saveAndExit(): Promise<void> {
    // The reply to a SHUTDOWN that succeeds is the end of the connection; every other is an error.
    // NOW, as the node's own disk is to hold everything: waiting for replicas would gain nothing, and
    // redis 7.0 and valkey 8.0 die of it, nothing saved, once the connection has used WAIT.
    const refused = this.#connection.sendUnbounded(["SHUTDOWN", "SAVE", "NOW"]);
    const outcome = await Promise.race([
      refused.then(
        (reply) => new Error(`SHUTDOWN was answered with ${String(reply)}`),
        (error: unknown) => error,
      ),
      this.closed.then(() => null),
    ]);
    if (outcome !== null && isReply(outcome)) {
      throw new Error("the node could not save its data", { cause: outcome });
    }
    await this.closed;
    if (this.#connection.closedByUs) throw new Error("the connection was closed while saving");
  }
}

function rate(
  before: { readonly commands: number; readonly atMs: number },
  now: { readonly commands: number; readonly atMs: number },
): number {
  const seconds = (now.atMs - before.atMs) / 1_000;
  // The count falls when somebody resets the node's statistics.
  return seconds <= 0 ? 0 : Math.max(0, now.commands - before.commands) / seconds;
}

function isReply(error: unknown): boolean {
  return error instanceof Error && error.name === "ReplyError";
}

function isAnswer(error: unknown): boolean {
  return error instanceof Error && /^(BUSY|LOADING|MASTERDOWN)\b/.test(error.message);
}
