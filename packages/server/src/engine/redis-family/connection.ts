import { Redis } from "ioredis";
import type { Clock } from "../../base/clock.ts";
import { DeadlineError, withDeadline } from "../../base/deadline.ts";
import { type Address, formatAddress } from "../../resources/address.ts";
import { controlUser } from "../engine.ts";
import { NodeFullError } from "../engine.ts";
import { isFull } from "./full-node.ts";

/** The longest that a node may take to answer one command of the control plane. */
const commandTimeoutMs = 2_000;
/** A full node says so at once. */
const greetingMs = 200;

/** A command with its arguments. */
export type Command = readonly [name: string, ...args: string[]];

/** A command whose arguments may be any bytes. */
export type BinaryCommand = readonly [name: string, ...args: (string | Buffer)[]];

/** What a node answers to one; an error reply is a value, since it may be one of many. */
export type BinaryReply = Buffer | number | null | Error | readonly BinaryReply[];

/**
 * One authenticated connection to a redis or valkey node. What is lost stays lost: nothing is
 * retried, queued or sent again, so that the caller always knows what was asked of the node.
 */
export class ControlConnection {
  readonly address: Address;
  /** Resolves when the connection is gone, whoever closed it. */
  readonly closed: Promise<void>;
  readonly #redis: Redis;
  readonly #clock: Clock;
  readonly #password: string;
  #closedByUs = false;

  private constructor(
    address: Address,
    redis: Redis,
    closed: Promise<void>,
    clock: Clock,
    password: string,
  ) {
    this.address = address;
    this.closed = closed;
    this.#redis = redis;
    this.#clock = clock;
    this.#password = password;
  }

  /**
   * Connects and authenticates.
   * @throws NodeFullError when the node admits no further connection
   */
  static async open(
    clock: Clock,
    address: Address,
    password: string,
    withinMs: number,
  ): Promise<ControlConnection> {
    const redis = new Redis({
      ...{ host: address.host, port: address.port, username: controlUser, password },
      ...{ connectionName: controlUser, protocol: 2, connectTimeout: withinMs },
      ...{ lazyConnect: true, enableReadyCheck: false, enableOfflineQueue: false },
      ...{ autoResubscribe: false, autoResendUnfulfilledCommands: false },
      ...{ disableClientInfo: true, retryStrategy: null, maxRetriesPerRequest: 0 },
    });
    const ended = Promise.withResolvers<void>();
    let reason: unknown;
    redis.once("close", () => ended.resolve());
    redis.on("error", (error) => (reason ??= error));
    const where = formatAddress(address);
    const failure = await withDeadline(
      clock,
      `connecting to ${where}`,
      withinMs,
      redis.connect(),
    ).then(
      () => null,
      // The client rejects with "closed" alone; why stands in the error that it emits.
      (error: unknown) => (error instanceof DeadlineError ? error : (reason ?? error)),
    );
    if (failure === null) {
      return new ControlConnection(address, redis, ended.promise, clock, password);
    }
    redis.disconnect();
    if (!(failure instanceof DeadlineError) && (await isFull(clock, address, greetingMs))) {
      throw new NodeFullError(`${where} admits no further connection`, { cause: failure });
    }
    const message = failure instanceof Error ? failure.message : "no reason is known";
    throw new Error(`could not connect to ${where}: ${message}`, { cause: failure });
  }

  /** Whether it was this side that closed the connection. */
  get closedByUs(): boolean {
    return this.#closedByUs;
  }

  /** Sends one command. Rejects with the node's error, or when it is silent for `withinMs`. */
  async send([name, ...args]: Command, withinMs: number = commandTimeoutMs): Promise<unknown> {
    const what = `${name} on ${formatAddress(this.address)}`;
    return withDeadline(this.#clock, what, withinMs, this.#redis.call(name, ...args));
  }

  /** Sends a command that may work for as long as it needs, such as saving the data set. */
  async sendUnbounded([name, ...args]: Command): Promise<unknown> {
    return this.#redis.call(name, ...args);
  }

  /** Sends commands that the node carries out with nothing else in between. */
  async sendTogether(commands: readonly Command[]): Promise<void> {
    const what = `a transaction on ${formatAddress(this.address)}`;
    const transaction = this.#redis.multi();
    for (const [name, ...args] of commands) transaction.call(name, ...args);
    const results = await withDeadline(this.#clock, what, commandTimeoutMs, transaction.exec());
    for (const [error] of results ?? []) if (error !== null) throw error;
  }

  /** Sends commands in one go. Resolves with the reply to each, in order. */
  async sendAll(
    commands: readonly BinaryCommand[],
    withinMs: number = commandTimeoutMs,
  ): Promise<readonly BinaryReply[]> {
    const what = `${commands[0]?.[0]} on ${formatAddress(this.address)}`;
    const pipeline = this.#redis.pipeline();
    for (const [name, ...args] of commands) pipeline.callBuffer(name, args);
    const replies = await withDeadline(this.#clock, what, withinMs, pipeline.exec());
    return (replies ?? []).map(([error, reply]) =>
      // The client's errors carry the command, which may hold a password.
      error === null ? (reply as BinaryReply) : withoutCommand(error),
    );
  }

  /** Another connection to the same node. */
  another(withinMs: number): Promise<ControlConnection> {
    return ControlConnection.open(this.#clock, this.address, this.#password, withinMs);
  }

  /** The arguments with which one node logs in to another of the same cache. */
  credentials(): readonly string[] {
    return ["AUTH2", ...this.login()];
  }

  /** The control user and its password, the same on every node of a cache. */
  login(): readonly [user: string, password: string] {
    return [controlUser, this.#password];
  }

  /** Closes the connection at once. */
  close(): void {
    this.#closedByUs = true;
    this.#redis.disconnect();
  }
}

function withoutCommand({ message }: Error): Error {
  return new Error(message);
}
