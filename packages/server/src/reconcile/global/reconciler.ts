import type { Reconciler } from "../reconciler.ts";
import { type GlobalTools, observeGlobal, type SeenGlobalMember } from "./observe.ts";
import { planGlobal } from "./plan.ts";

/**
 * Drives global datastores: it says who is primary. The members' groups go by that, each for itself,
 * so that there is nothing to do here.
 */
export function createGlobalReconciler(
  tools: GlobalTools,
): Reconciler<"global-replication-group", readonly SeenGlobalMember[], never> {
  return {
    kind: "global-replication-group",
    observe: (global) => observeGlobal(tools, global),
    plan: planGlobal,
    act: async (step) => step,
    eventSource: (global) => ({
      ...{ sourceType: "replication-group", sourceId: global.spec.primary.id },
      region: global.spec.primary.region,
    }),
  };
}
