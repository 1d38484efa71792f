import { createHash } from "node:crypto";
import { type Home, type Ref, refIn } from "./ref.ts";
import type { Resource } from "./resource.ts";

/** Names a replication group of the account: ids are unique within a region only. */
export interface MemberName {
  readonly region: string;
  readonly id: string;
}

/** A replication group in a global datastore. */
export interface GlobalMember extends MemberName {
  /** It is to live on alone; once it does, it is no member any more. */
  readonly leaving: boolean;
}

/** What a global datastore is asked to be. */
export interface GlobalReplicationGroupSpec {
  readonly description: string;
  /** In the order in which they joined. */
  readonly members: readonly GlobalMember[];
  /** Whose group is to take writes. */
  readonly primary: MemberName;
  /** Rises with every change that was made to all members' groups. */
  readonly changes: number;
}

/** A change of primary on its way, recorded before each of its acts. */
export interface Relief {
  /** Whether the old primary already takes no writes. */
  readonly fenced: boolean;
  /** ISO time since when the heir is waited for. */
  readonly since: string;
  /** Whether the heir gets its own data back, from the member that stands in for it. */
  readonly isRecovery: boolean;
}

/** What a global datastore was seen to be. */
export interface GlobalReplicationGroupStatus {
  readonly state: "creating" | "available" | "modifying" | "primary-only" | "deleting";
  readonly settledGeneration: number;
  readonly because: string;
  /** Whom the others follow: it takes writes, unless it is being relieved. */
  readonly primary: MemberName;
  /** The way to the primary that is asked for; null while that is the one there is. */
  readonly relief: Relief | null;
  /** Members that have followed the primary, by key. */
  readonly associated: readonly string[];
  /** Members whose nodes hold the data, by key. */
  readonly holders: readonly string[];
}

/** AWS's prefix of each region's global datastores (user guide, "Global datastores"). */
const prefixes: Readonly<Record<string, string>> = {
  ...{ "us-east-1": "ldgnf", "us-east-2": "fpkhr", "us-west-1": "virxk", "us-west-2": "sgaui" },
  ...{ "ca-central-1": "bxodz", "ap-south-1": "erpgt", "ap-northeast-1": "quwsw" },
  ...{ "ap-northeast-2": "lfqnh", "ap-northeast-3": "nlapn", "ap-southeast-1": "vlqxn" },
  ...{ "ap-southeast-2": "vbgxd", "ap-east-1": "knjmp", "eu-central-1": "iudkw" },
  ...{ "eu-west-1": "gxeiz", "eu-west-2": "okuqm", "eu-west-3": "fgjhi", "sa-east-1": "juxlw" },
  ...{ "cn-north-1": "emvgo", "cn-northwest-1": "ckbem" },
};

/** The id of a global datastore that is created in a region. */
export function globalIdOf(region: string, suffix: string): string {
  const prefix = Object.hasOwn(prefixes, region) ? prefixes[region] : madeUpPrefix(region);
  return `${prefix}-${suffix}`;
}

/** Five letters for a region that AWS's table does not have, always the same. */
function madeUpPrefix(region: string): string {
  const digest = createHash("sha256").update(region).digest();
  return [...digest.subarray(0, 5)].map((byte) => String.fromCharCode(97 + (byte % 26))).join("");
}

/** The ref of a global datastore, which lives in no region. */
export function globalRef(account: string, id: string): Ref<"global-replication-group"> {
  return refIn({ account, region: "" }, "global-replication-group", id);
}

/** A member as one string, for lists. */
export function memberKey({ region, id }: MemberName): string {
  return `${region}/${id}`;
}

/** Whether both name the same group. */
export function sameMember(a: MemberName, b: MemberName): boolean {
  return a.region === b.region && a.id === b.id;
}

/** Where a member lives. */
export function homeOf(global: Pick<Ref, "account">, { region }: MemberName): Home {
  return { account: global.account, region };
}

/** What a member is for the others. */
export type MemberRole = "primary" | "relieved" | "secondary" | "independent";

/** The role of a member of the datastore. */
export function roleOf(
  { spec, status }: Resource<"global-replication-group">,
  member: MemberName,
): MemberRole {
  const found = spec.members.find((one) => sameMember(one, member));
  if (found === undefined || found.leaving) return "independent";
  if (!sameMember(status.primary, member)) return "secondary";
  return status.relief?.fenced === true ? "relieved" : "primary";
}
