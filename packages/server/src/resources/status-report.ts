/** What `larder status` shows; served at /larder/status. */
export interface StatusReport {
  readonly version: string;
  readonly region: string;
  readonly caches: readonly CacheReport[];
}

/** One cache: a replication group, or a cache cluster outside any. */
export interface CacheReport {
  readonly region: string;
  readonly id: string;
  /** E.g. "redis 7.1". */
  readonly engine: string;
  readonly state: string;
  /** One sentence. */
  readonly because: string;
  /** "host:port" by kind of endpoint. */
  readonly endpoints: Readonly<Record<string, string>>;
  readonly shards: readonly ShardReport[];
}

/** One shard of a cache. */
export interface ShardReport {
  readonly id: string;
  readonly nodes: readonly NodeReport[];
}

/** One node, with its last sample. */
export interface NodeReport {
  readonly id: string;
  readonly role: "primary" | "replica" | "-";
  readonly zone: string;
  readonly state: string;
  readonly address: string | null;
  readonly pid: number | null;
  readonly usedMemoryBytes: number | null;
  readonly maxMemoryBytes: number | null;
  readonly opsPerSecond: number | null;
}
