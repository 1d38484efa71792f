import type { Call } from "../../aws/call.ts";
import type { Vpc } from "../../resources/vpc.ts";
import type { Networks } from "../../store/networks.ts";
import type { Store } from "../../store/store.ts";
import { ec2Fault } from "./faults.ts";

/** What the service works with. */
export interface Ec2Backend {
  readonly store: Store;
  /** The default VPC. */
  readonly vpc: Vpc;
  /** LARDER_REGION. */
  readonly region: string;
  /**
   * The block that every VPC must lie in, because nodes are to have its addresses and no other
   * server gives them out; null where subnets are only labels.
   */
  readonly addresses: string | null;
}

/** What EC2's operations are told. */
export interface Ec2Call extends Call {
  readonly backend: Ec2Backend;
  readonly store: Store;
  /** The networks of the caller's account and region. */
  readonly networks: Networks;
}

/** Reads and writes the store, and answers; throws a Fault for a caller's mistake. */
export type Operation<I, O> = (input: I, call: Ec2Call) => O;

/**
 * An operation in one transaction. Members of its input that it does not take are refused, so that
 * nothing is accepted and then not acted upon. A dry run is a run that is taken back.
 * @param takes the members that the operation acts upon
 */
export function operation<I extends object, O>(
  takes: readonly (keyof I & string)[],
  run: Operation<I, O>,
): Operation<I, O> {
  return (input, call) =>
    call.store.transaction(() => {
      refuseOthers(input, takes);
      const output = run(input, call);
      if (!("DryRun" in input) || input.DryRun !== true) return output;
      throw ec2Fault("DryRunOperation", "Request would have succeeded, but DryRun flag is set.");
    });
}

function refuseOthers(input: object, takes: readonly string[]): void {
  const other = Object.entries(input).find(
    ([member, value]) => member !== "DryRun" && !takes.includes(member) && !isEmpty(value),
  );
  if (other === undefined) return;
  throw ec2Fault(
    "UnsupportedOperation",
    `The parameter ${other[0]} is not available: leave it out. Larder's networks do not have what ` +
      "it asks for.",
  );
}

/** Whether a value asks for nothing: absent, off, none. */
function isEmpty(value: unknown): boolean {
  if (Array.isArray(value)) return value.length === 0;
  if (typeof value === "object" && value !== null && "Value" in value) return isEmpty(value.Value);
  return value === undefined || value === false || value === "";
}
