import { Fault } from "../../aws/fault.ts";
import { type ArnType, arnOf, parseArn, partitionOf } from "../../resources/arn.ts";
import type { Home } from "../../resources/ref.ts";

/** A resource that an ARN names. */
export interface NamedResource {
  readonly type: ArnType;
  /** In lower case. */
  readonly name: string;
}

const known: readonly ArnType[] = [
  ...(["cluster", "replicationgroup", "parametergroup", "subnetgroup"] as const),
  "reserved-instance",
];

/** Types of which there is nothing yet, and the code that says so. */
const absent: Readonly<Record<string, string>> = {
  snapshot: "SnapshotNotFoundFault",
  securitygroup: "CacheSecurityGroupNotFound",
  user: "UserNotFound",
  usergroup: "UserGroupNotFound",
  serverlesscache: "ServerlessCacheNotFoundFault",
  serverlesscachesnapshot: "ServerlessCacheSnapshotNotFoundFault",
};

/**
 * The resource of the caller's account and region that an ARN names. Throws InvalidARN for a text
 * that is no such ARN, and the NotFound of its type for one that names what Larder cannot have.
 */
export function resourceOfArn(home: Home, text: string): NamedResource {
  const arn = parseArn(text);
  if (arn === null) throw invalidArn("Input ARN string does not have 7 components.");
  const expected = {
    ...{ prefix: "arn", partition: partitionOf(home.region), service: "elasticache" },
    ...{ region: home.region, account: home.account },
  } as const;
  for (const [field, value] of Object.entries(expected)) {
    if (arn[field as keyof typeof expected] === value) continue;
    throw invalidArn(`${field} field is wrong. Expected value is ${value}`);
  }
  const type = known.find((one) => one === arn.type);
  if (type !== undefined && arn.name !== "") return { type, name: arn.name.toLowerCase() };
  const code = Object.hasOwn(absent, arn.type) ? absent[arn.type] : undefined;
  if (code !== undefined) throw new Fault(code, `${arn.type} not found: ${arn.name}`);
  throw invalidArn(`${text} names nothing that has tags. ${example(home)}`);
}

function example(home: Home): string {
  return `An ARN looks like ${arnOf(home, "cluster", "name")}.`;
}

function invalidArn(message: string): Fault {
  return new Fault("InvalidARN", message);
}
