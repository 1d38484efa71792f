import { describe, expect, test } from "vitest";
import { Fault } from "../../aws/fault.ts";
import type { Resource } from "../../resources/resource.ts";
import {
  type ClusterState,
  clusterAllows,
  groupAllows,
  type GroupState,
  requireClusterAllows,
  requireGroupAllows,
} from "./allowed-in.ts";
import { groupStateOf } from "./states.ts";

const groupStates: readonly GroupState[] = [
  ...(["creating", "available", "modifying", "migrating", "deleting", "create-failed"] as const),
];

function groupOf(state: GroupState, generation: number, settledGeneration: number, going = false) {
  const deletingSince = going ? "2026-01-01T00:00:00Z" : null;
  const status = { state, settledGeneration, because: "" };
  return { generation, status, deletingSince } as Resource<"replication-group">;
}

describe("what callers are told", () => {
  test.each([
    ["creating", 1, 0, false, "creating"],
    ["creating", 2, 0, false, "creating"],
    ["available", 1, 1, false, "available"],
    ["available", 2, 1, false, "modifying"],
    ["modifying", 1, 1, false, "modifying"],
    ["create-failed", 1, 0, false, "create-failed"],
    ["available", 2, 1, true, "deleting"],
    ["available", 1, 1, true, "deleting"],
    ["create-failed", 2, 0, true, "deleting"],
  ] as const)("%s, generation %i settled to %i, deleting %s: %s", (...row) => {
    const [state, generation, settled, going, told] = row;
    expect(groupStateOf(groupOf(state, generation, settled, going))).toBe(told);
  });
});

describe("what each state allows", () => {
  test("of groups is exactly what the table says", () => {
    for (const action of Object.keys(groupAllows) as (keyof typeof groupAllows)[]) {
      const allowed = groupStates.filter((state) =>
        passes(() => requireGroupAllows(action, "g", state)),
      );
      expect(allowed.toSorted(), action).toEqual(groupAllows[action].toSorted());
    }
  });

  test("of clusters is exactly what the table says", () => {
    const states: readonly ClusterState[] = [
      ...groupStates.filter((state) => state !== "migrating"),
      "rebooting cluster nodes",
    ];
    for (const action of Object.keys(clusterAllows) as (keyof typeof clusterAllows)[]) {
      const allowed = states.filter((state) =>
        passes(() => requireClusterAllows(action, "c", state)),
      );
      expect(allowed.toSorted(), action).toEqual(clusterAllows[action].toSorted());
    }
  });

  test("only what exists and rests, or failed, can be deleted", () => {
    expect(groupAllows.delete).toEqual(["available", "create-failed"]);
    expect(clusterAllows.delete).toEqual(["available", "create-failed"]);
  });
});

function passes(check: () => void): boolean {
  try {
    check();
    return true;
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    return false;
  }
}
