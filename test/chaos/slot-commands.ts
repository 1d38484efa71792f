import type { EngineDriver, Session } from "@larder/server/engine/engine.ts";
import type { SlotKeeping } from "@larder/server/engine/slot-keeping.ts";
import type { CrashHook } from "./crash-world.ts";

/**
 * The driver, with `hook` told of everything that moves slots: one step of the control plane opens
 * slots, gives their keys and hands them over, and can be cut off in the midst of it.
 */
export function withSlotCommandsSeen(driver: EngineDriver, hook: CrashHook): EngineDriver {
  return {
    ...driver,
    async connect(...asked): Promise<Session> {
      const session = await driver.connect(...asked);
      const { slots } = session;
      return slots === undefined ? session : Object.assign(session, { slots: seen(slots, hook) });
    },
  };
}

function seen(slots: SlotKeeping, hook: CrashHook): SlotKeeping {
  const step = async <T>(name: string, command: () => Promise<T>): Promise<T> => {
    hook("before", name);
    const answer = await command();
    hook("after", name);
    return answer;
  };
  return {
    importFrom: (...asked) => step("slots import", () => slots.importFrom(...asked)),
    migrateTo: (...asked) => step("slots migrate", () => slots.migrateTo(...asked)),
    assign: (...asked) => step("slots assign", () => slots.assign(...asked)),
    close: (...asked) => step("slots close", () => slots.close(...asked)),
    give: (...asked) => step("slots give", () => slots.give(...asked)),
    loadFunctions: (...asked) => step("slots load", () => slots.loadFunctions(...asked)),
    claims: () => slots.claims(),
    renewClaim: () => step("slots renew", () => slots.renewClaim()),
    countKeys: (...asked) => slots.countKeys(...asked),
    keysIn: (...asked) => slots.keysIn(...asked),
    sizesOf: (...asked) => slots.sizesOf(...asked),
    freeBytes: () => slots.freeBytes(),
    functions: () => slots.functions(),
    release: () => slots.release(),
  };
}
