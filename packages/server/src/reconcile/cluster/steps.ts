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
  /** Loads the functions of one node into another. */
  | { readonly do: "copy-functions"; readonly from: string; readonly to: string }
  /** Moves slots with their keys. */
  | { readonly do: "move-slots"; readonly moves: readonly NodeSlotMove[] }
  /** Has a node know whose slots are, by the owner's id in the cluster. */
  | {
      readonly do: "assign-slots";
      readonly node: string;
      readonly owner: string;
      readonly slots: readonly number[];
    }
  /** Has a node take slots for settled that it thinks are on their way. */
  | { readonly do: "close-slots"; readonly node: string; readonly slots: readonly number[] }
  /** Has the gateway carry what the statuses of all caches record. */
  | { readonly do: "route" };

/** A node that is to get to know another. */
export interface Introduction {
  readonly node: string;
  readonly other: Address;
}

/** Slots that one node is to give to another. */
export interface NodeSlotMove {
  readonly from: string;
  readonly to: string;
  readonly slots: readonly number[];
}
