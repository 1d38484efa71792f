/** Facts of one node type (AWS user guide, "Supported node types"). Sizes in bytes unless named. */
export interface NodeType {
  /** With its prefix, e.g. "cache.t4g.small". */
  readonly name: string;
  readonly vcpus: number;
  /** redis and valkey: the node's `maxmemory` before reserved memory is taken off. */
  readonly maxMemoryBytes: number;
  readonly maxClients: number;
  /** Memcached: MB; null where memcached does not run on the type. */
  readonly memcachedMb: number | null;
  readonly memcachedThreads: number | null;
}
