import type { Address } from "../../resources/address.ts";
import type { SlotRange } from "../../resources/slots.ts";

/** What can be done to a cluster. Nodes are named by id; every step may be taken twice. */
export type ClusterStep =
  /** Has nodes get to know others. */
  | { readonly do: "introduce"; readonly pairs: readonly Introduction[] }
  /** Has every node forget one that is no part of the cluster any more. */
  | { readonly do: "forget"; readonly clusterNodeId: string; readonly nodes: readonly string[] }
  /** Gives a node slots that nobody has. */
  | { readonly do: "add-slots"; readonly node: string; readonly ranges: readonly SlotRange[] }
  /** Has the gateway carry what the statuses of all caches record. */
  | { readonly do: "route" };

/** A node that is to get to know another. */
export interface Introduction {
  readonly node: string;
  readonly other: Address;
}
