import { AssertionError } from "../base/assert.ts";
import type { Clock, Timer } from "../base/clock.ts";
import type { Log } from "../base/log.ts";
import { type Kind, type Ref, refKey } from "../resources/ref.ts";
import type { Resource, Status } from "../resources/resource.ts";
import { ClaimConflict, type Store } from "../store/store.ts";
import type { Decision, Reconciler, Write } from "./reconciler.ts";

/** How soon a failed pass is tried again: doubling between these. */
const firstRetryMs = 50;
const lastRetryMs = 5_000;
/** This many failures in a row become an event that the cache's owner sees. */
const failuresBeforeEvent = 5;
/** Every resource is looked at this often, which finds whatever a wake-up missed. */
const slowLookMs = 30_000;

/** Told before and after every step; tests cut a pass off there by throwing. */
export type StepHook = (moment: "before" | "after", step: unknown, resource: Resource) => void;

export interface DriverOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  readonly reconcilers: readonly AnyReconciler[];
  readonly onStep?: StepHook;
  /** Takes every step twice, which must come to the same: for tests. */
  readonly repeatSteps?: boolean;
}

/** A reconciler of some kind; the driver hands each only resources of its own kind. */
// eslint-disable-next-line typescript/no-explicit-any -- what it observes and does is its own affair
export type AnyReconciler = { [K in Kind]: Reconciler<K, any, any> }[Kind];

/** What the driver remembers of one resource between passes. */
interface Work {
  readonly ref: Ref;
  running: boolean;
  /** Woken while running: goes again at once. */
  woken: boolean;
  failures: number;
  timer: Timer | null;
}

/**
 * Runs reconcilers: at most one pass per resource at a time, again after every wake-up, after the
 * time a plan asks for, and with back-off after a failure. It remembers nothing that a restart
 * would miss.
 */
export class Driver {
  readonly #options: DriverOptions;
  readonly #reconcilers: ReadonlyMap<Kind, AnyReconciler>;
  readonly #work = new Map<string, Work>();
  readonly #passes = new Set<Promise<void>>();
  readonly #stopping = new AbortController();

  constructor(options: DriverOptions) {
    this.#options = options;
    this.#reconcilers = new Map(options.reconcilers.map((one) => [one.kind, one]));
  }

  /** Looks at every resource once, and from then on at whatever changes. */
  start(): void {
    const { store } = this.#options;
    store.onChange((changed) => {
      for (const resource of changed) {
        this.wake(resource);
        if (resource.owner !== null) this.wake(resource.owner);
      }
    });
    for (const kind of this.#reconcilers.keys()) {
      for (const resource of store.listAll(kind)) this.wake(resource);
    }
  }

  /** Has the resource looked at soon. Says nothing of why. */
  wake(ref: Ref): void {
    if (this.#stopping.signal.aborted || !this.#reconcilers.has(ref.kind)) return;
    const key = refKey(ref);
    const known = this.#work.get(key);
    const work = known ?? { ref, running: false, woken: false, failures: 0, timer: null };
    if (known === undefined) this.#work.set(key, work);
    if (work.running) {
      work.woken = true;
    } else {
      this.#schedule(work, 0);
    }
  }

  /** Ends every pass after the step it is at. Nothing is undone: the next start goes on. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    for (const work of this.#work.values()) work.timer?.cancel();
    await Promise.allSettled(this.#passes);
  }

  #schedule(work: Work, delayMs: number): void {
    work.timer?.cancel();
    work.timer = this.#options.clock.after(delayMs, () => {
      work.timer = null;
      const pass = this.#run(work).finally(() => this.#passes.delete(pass));
      this.#passes.add(pass);
    });
  }

  async #run(work: Work): Promise<void> {
    work.running = true;
    work.woken = false;
    let again: number | null = slowLookMs;
    try {
      again = await this.#pass(work.ref);
      work.failures = 0;
    } catch (error) {
      again = this.#failed(work, error);
    }
    work.running = false;
    if (this.#stopping.signal.aborted) return;
    if (again === null) this.#work.delete(refKey(work.ref));
    else this.#schedule(work, work.woken ? 0 : again);
  }

  /** One look and what follows from it; the time until the next, or null when it is gone. */
  async #pass(ref: Ref): Promise<number | null> {
    const { store, clock } = this.#options;
    const reconciler = this.#reconcilers.get(ref.kind) as Reconciler<Kind, unknown, unknown>;
    const resource = store.get(ref);
    if (resource === undefined) return null;
    const signal = this.#stopping.signal;
    const observed = await reconciler.observe(resource, signal);
    // What was seen fits only the spec and status it was seen for.
    if (store.get(ref)?.revision !== resource.revision) return 0;
    const decision = reconciler.plan(resource, observed, clock.now());
    this.#record(resource, decision);
    if (decision.gone === true) return null;
    const steps = decision.steps ?? [];
    for (const step of steps) {
      if (signal.aborted) return slowLookMs;
      this.#options.onStep?.("before", step, resource);
      await reconciler.act(step, resource, signal);
      if (this.#options.repeatSteps === true) await reconciler.act(step, resource, signal);
      this.#options.onStep?.("after", step, resource);
    }
    return steps.length > 0 ? 0 : (decision.lookAgainAfterMs ?? slowLookMs);
  }

  #record(resource: Resource, decision: Decision<Kind, unknown>): void {
    const { store, log } = this.#options;
    store.transaction(() => {
      if (decision.gone === true) store.remove(resource);
      else store.setStatus(resource, decision.status);
      for (const write of decision.writes ?? []) this.#write(write);
      store.addEvents(resource, decision.events ?? []);
    });
    const [was, is] = [sentenceOf(resource.status), sentenceOf(decision.status)];
    if (decision.gone === true) log.info({ resource: refKey(resource) }, "gone");
    else if (was !== is) log.info({ resource: refKey(resource), because: is }, "status changed");
    for (const event of decision.events ?? []) log.info({ ...event }, "event");
  }

  #write(write: Write): void {
    const { store } = this.#options;
    switch (write.write) {
      case "create":
        store.create<Kind>(write.ref, write.spec, write.status, write.owner);
        break;
      case "spec":
        store.setSpec<Kind>(write.ref, write.spec);
        break;
      case "mark-deleting":
        store.markDeleting(write.ref);
        break;
    }
  }

  #failed(work: Work, error: unknown): number {
    const { log, store } = this.#options;
    if (this.#stopping.signal.aborted) return slowLookMs;
    // Two resources chose one address at the same moment: the loser simply looks again.
    if (error instanceof ClaimConflict) return 0;
    work.failures += 1;
    const fields = { resource: refKey(work.ref), failures: work.failures, err: error };
    if (error instanceof AssertionError) log.error(fields, "a pass met a bug");
    else log.warn(fields, "a pass failed and will be tried again");
    const resource = store.get(work.ref);
    if (resource !== undefined && work.failures === failuresBeforeEvent) {
      const reconciler = this.#reconcilers.get(work.ref.kind) as Reconciler<Kind, unknown, unknown>;
      const reason = error instanceof Error ? error.message : String(error);
      const message = `A step keeps failing and is tried again: ${reason}`;
      store.addEvents(resource, [{ ...reconciler.eventSource(resource), message }]);
    }
    return Math.min(lastRetryMs, firstRetryMs * 2 ** (work.failures - 1));
  }
}

function sentenceOf(status: Status<Kind>): string {
  return "because" in status ? `${status.state}: ${status.because}` : "";
}
