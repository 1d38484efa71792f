import { sameMember } from "../resources/global-replication-group.ts";
import type { Ref } from "../resources/ref.ts";
import type { Resource } from "../resources/resource.ts";
import type { Store } from "./store.ts";

/** The global datastore that a replication group is in, if it is in one. */
export function globalOf(
  store: Store,
  group: Pick<Ref, "account" | "region" | "id">,
): Resource<"global-replication-group"> | undefined {
  return store
    .list("global-replication-group", { account: group.account, region: "" })
    .find(
      ({ spec, deletingSince }) =>
        deletingSince === null && spec.members.some((member) => sameMember(member, group)),
    );
}
