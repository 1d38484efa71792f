/** The kinds of resource that the store holds. */
export const kinds = [
  "replication-group",
  "cache-cluster",
  "shard",
  "node",
  "parameter-group",
  "subnet-group",
  "vpc",
  "subnet",
  "security-group",
  "reserved-node",
  "global-replication-group",
  "engine-release",
] as const;
export type Kind = (typeof kinds)[number];

/** Names one resource. Ids are lower-case and unique within kind, account and region. */
export interface Ref<K extends Kind = Kind> {
  readonly kind: K;
  readonly account: string;
  readonly region: string;
  readonly id: string;
}

/** Where a resource lives: part of every key, so that one id in two regions is two resources. */
export interface Home {
  readonly account: string;
  readonly region: string;
}

/** A ref as one string, for maps and logs. */
export function refKey(ref: Ref): string {
  return `${ref.kind}/${ref.account}/${ref.region}/${ref.id}`;
}

/** A ref of `kind` and `id` in the same account and region as `home`. */
export function refIn<K extends Kind>(home: Home, kind: K, id: string): Ref<K> {
  return { kind, account: home.account, region: home.region, id };
}
