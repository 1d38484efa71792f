/** Source types of the ElastiCache API (enum SourceType). */
export type EventSource =
  | "cache-cluster"
  | "cache-parameter-group"
  | "cache-subnet-group"
  | "replication-group";

/** What happened, as DescribeEvents tells it. */
export interface CacheEvent {
  readonly account: string;
  readonly region: string;
  readonly sourceType: EventSource;
  readonly sourceId: string;
  readonly message: string;
  /** ISO time. */
  readonly at: string;
}

/** An event before the store stamps it with account, region and time. */
export type EventDraft = Pick<CacheEvent, "sourceType" | "sourceId" | "message"> & {
  /** Where it happened, if not in the region of the resource whose event it is. */
  readonly region?: string;
};
