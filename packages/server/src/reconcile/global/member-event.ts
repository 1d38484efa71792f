import type { EventDraft } from "../../resources/event.ts";
import type { MemberName } from "../../resources/global-replication-group.ts";

/** An event of a member, in the member's own region. */
export function memberEvent({ region, id }: MemberName, what: string): EventDraft {
  const message = `Replication group ${id} ${what}`;
  return { sourceType: "replication-group", sourceId: id, message, region };
}
