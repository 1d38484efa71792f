import type * as Sdk from "@aws-sdk/client-elasticache";
import type { Call } from "../../aws/call.ts";
import type { InstalledEngine } from "../../resources/engine-name.ts";
import type { Vpc } from "../../resources/vpc.ts";
import type { Store } from "../../store/store.ts";

type Commands = {
  [
    K in keyof typeof Sdk as K extends `${infer N}Command` ? (N extends "$" ? never : N) : never
  ]: (typeof Sdk)[K];
};

/** The operations of the ElastiCache API, by name. */
export type OperationName = keyof Commands;

type CommandOf<N extends OperationName> = InstanceType<
  Extract<Commands[N], new (...args: never) => unknown>
>;

/** What a caller sends. Members that the schema requires are present and well typed. */
export type Input<N extends OperationName> =
  CommandOf<N> extends { readonly input: infer I } ? I : never;

/** What a caller gets. */
export type Output<N extends OperationName> =
  CommandOf<N> extends {
    resolveMiddleware(...args: never): (...args: never) => Promise<{ output: infer O }>;
  }
    ? Omit<O, "$metadata">
    : never;

/** What ElastiCache's operations work with: the caller, and the state that they may change. */
export interface ElastiCacheCall extends Call {
  readonly store: Store;
  readonly installed: readonly InstalledEngine[];
  /** The default VPC. */
  readonly vpc: Vpc;
  /** The one quota of AWS's that this server's owner can raise. */
  readonly nodesPerRegion: number;
}

/** Reads and writes the store, and answers; throws a Fault for a caller's mistake. */
export type Operation<N extends OperationName> = (
  input: Input<N>,
  call: ElastiCacheCall,
) => Output<N>;
