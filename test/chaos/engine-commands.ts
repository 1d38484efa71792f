import type { EngineDriver, Replication, Session } from "@larder/server/engine/engine.ts";
import type { SlotKeeping } from "@larder/server/engine/slot-keeping.ts";
import type { CrashHook } from "./crash-world.ts";

/**
 * The driver, with `hook` told of what goes on within one step of the control plane, which can be cut
 * off in the midst of it: slots are opened, their keys given, and handed over; writes stop, the heir
 * is promoted, and they go on.
 */
export function withEngineCommandsSeen(driver: EngineDriver, hook: CrashHook): EngineDriver {
  return {
    ...driver,
    async connect(...asked): Promise<Session> {
      const session = await driver.connect(...asked);
      const { slots, replication } = session;
      if (slots !== undefined) Object.assign(slots, seenSlots(slots, hook));
      if (replication !== undefined) Object.assign(replication, seenRoles(replication, hook));
      return session;
    },
  };
}

/** What changes anything, in place of the engine's own. */
function seenSlots(slots: SlotKeeping, hook: CrashHook): Partial<SlotKeeping> {
  return {
    importFrom: seen(hook, "slots import", slots.importFrom.bind(slots)),
    migrateTo: seen(hook, "slots migrate", slots.migrateTo.bind(slots)),
    assign: seen(hook, "slots assign", slots.assign.bind(slots)),
    close: seen(hook, "slots close", slots.close.bind(slots)),
    give: seen(hook, "slots give", slots.give.bind(slots)),
    renewClaim: seen(hook, "slots renew", slots.renewClaim.bind(slots)),
    loadFunctions: seen(hook, "slots load", slots.loadFunctions.bind(slots)),
  };
}

function seenRoles(replication: Replication, hook: CrashHook): Partial<Replication> {
  return { promote: seen(hook, "heir promote", replication.promote.bind(replication)) };
}

function seen<A extends readonly unknown[], T>(
  hook: CrashHook,
  name: string,
  command: (...asked: A) => Promise<T>,
): (...asked: A) => Promise<T> {
  return async (...asked) => {
    hook("before", name);
    const answer = await command(...asked);
    hook("after", name);
    return answer;
  };
}
