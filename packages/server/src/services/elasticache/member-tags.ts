import { type Member, nodeIdOf } from "../../resources/cache-settings.ts";
import { refIn } from "../../resources/ref.ts";
import type { ElastiCacheCall } from "./operation.ts";
import { setTagsWithin, type Tags } from "./tag-rules.ts";

/**
 * Gives new members of a replication group their tags. They are kept with the member's node and go
 * with it. Written even if there are none: an older namesake whose node was never made may have
 * left some.
 */
export function tagNewMembers(call: ElastiCacheCall, members: readonly Member[], tags: Tags): void {
  for (const member of members) {
    setTagsWithin(call.store, refIn(call, "node", nodeIdOf(member)), tags);
  }
}
