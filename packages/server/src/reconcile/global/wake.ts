import { homeOf } from "../../resources/global-replication-group.ts";
import { type Ref, refIn } from "../../resources/ref.ts";
import type { Resource } from "../../resources/resource.ts";
import { globalOf } from "../../store/global-datastores.ts";
import type { Store } from "../../store/store.ts";

/** Whom the change of a resource concerns across regions: a datastore, and all its groups. */
export function concernedByGlobal(store: Store, changed: Resource): readonly Ref[] {
  if (isKind(changed, "global-replication-group")) {
    return changed.spec.members.map((member) =>
      refIn(homeOf(changed, member), "replication-group", member.id),
    );
  }
  const group = changed.kind === "shard" ? changed.owner : changed;
  if (group?.kind !== "replication-group") return [];
  const global = globalOf(store, group);
  return global === undefined ? [] : [global, ...concernedByGlobal(store, global)];
}

function isKind<K extends Resource["kind"]>(one: Resource, kind: K): one is Resource<K> {
  return one.kind === kind;
}
