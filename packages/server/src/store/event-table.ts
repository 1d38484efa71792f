import type { DatabaseSync } from "node:sqlite";
import type { Clock } from "../base/clock.ts";
import type { CacheEvent, EventDraft } from "../resources/event.ts";
import type { Home } from "../resources/ref.ts";
import type { EventQuery } from "./store.ts";

/** Events are kept for 14 days (AWS user guide, "Viewing ElastiCache events"). */
const keptMs = 14 * 24 * 60 * 60 * 1_000;

/** What happened, as DescribeEvents tells it; the oldest are forgotten as new ones come. */
export class EventTable {
  readonly #database: DatabaseSync;
  readonly #clock: Clock;

  constructor(database: DatabaseSync, clock: Clock) {
    this.#database = database;
    this.#clock = clock;
  }

  add(home: Home, events: readonly EventDraft[]): void {
    const now = this.#clock.now();
    const insert = this.#database.prepare(
      `INSERT INTO events (account, region, source_type, source_id, message, at)
       VALUES (?, ?, ?, ?, ?, ?)`,
    );
    const at = now.toISOString();
    for (const event of events) {
      const { sourceType, sourceId, message } = event;
      insert.run(home.account, event.region ?? home.region, sourceType, sourceId, message, at);
    }
    this.#database
      .prepare("DELETE FROM events WHERE account = ? AND region = ? AND at < ?")
      .run(home.account, home.region, new Date(now.getTime() - keptMs).toISOString());
  }

  find(query: EventQuery): readonly CacheEvent[] {
    const rows = this.#database
      .prepare(
        `SELECT account, region, source_type AS sourceType, source_id AS sourceId, message, at
         FROM events
         WHERE account = :account AND region = :region AND at >= :from AND at <= :to
           AND (:sourceType IS NULL OR source_type = :sourceType)
           AND (:sourceId IS NULL OR source_id = :sourceId)
         ORDER BY at DESC, number DESC`,
      )
      .all({
        account: query.account,
        region: query.region,
        from: query.from,
        to: query.to,
        sourceType: query.sourceType ?? null,
        sourceId: query.sourceId ?? null,
      });
    return rows as unknown as CacheEvent[];
  }
}
