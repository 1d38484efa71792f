import type { EventDraft } from "../resources/event.ts";
import type { Kind, Ref } from "../resources/ref.ts";
import type { Resource, Spec, Status } from "../resources/resource.ts";

/** A change of another resource, recorded in the same transaction as the decision that needs it. */
export type Write =
  | { [K in Kind]: CreateWrite<K> }[Kind]
  | { [K in Kind]: SpecWrite<K> }[Kind]
  | { readonly write: "mark-deleting"; readonly ref: Ref };

interface CreateWrite<K extends Kind> {
  readonly write: "create";
  readonly ref: Ref<K>;
  readonly spec: Spec<K>;
  readonly status: Status<K>;
  readonly owner: Ref;
}

interface SpecWrite<K extends Kind> {
  readonly write: "spec";
  readonly ref: Ref<K>;
  readonly spec: Spec<K>;
}

/** What a pass decided: recorded at once and as a whole; then the steps are taken in order. */
export interface Decision<K extends Kind, Step> {
  /** Its `because` is log line, API answer and test oracle alike. */
  readonly status: Status<K>;
  readonly writes?: readonly Write[];
  readonly events?: readonly EventDraft[];
  readonly steps?: readonly Step[];
  /** Look again after this time even if nothing wakes the resource; null for the slow timer only. */
  readonly lookAgainAfterMs?: number | null;
  /** Nothing of the resource is left: its row goes. */
  readonly gone?: boolean;
}

/** Drives one kind of resource from what was seen to what is asked. */
export interface Reconciler<K extends Kind, Observed, Step> {
  readonly kind: K;
  /** Reads only. */
  observe(resource: Resource<K>, signal: AbortSignal): Promise<Observed>;
  /** Pure. */
  plan(resource: Resource<K>, observed: Observed, now: Date): Decision<K, Step>;
  /** Idempotent, and may be cut off anywhere. */
  act(step: Step, resource: Resource<K>, signal: AbortSignal): Promise<void>;
  /** Whose event it is when passes keep failing. */
  eventSource(resource: Resource<K>): Omit<EventDraft, "message">;
}
