import { Fault } from "../../aws/fault.ts";

/** Longest cache cluster id (API reference, CreateCacheCluster). */
export const clusterIdLengthMax = 50;
/** Longest replication group id: leaves room for the "-001" of its members. */
export const groupIdLengthMax = 40;

const identifier = /^[a-z](?:-?[a-z0-9])*$/;

/**
 * The value of a member that the request must have. The AWS layer refuses requests without it
 * first; this narrows the SDK's type and keeps direct callers honest.
 */
export function required<T>(parameter: string, value: T | undefined): T {
  if (value !== undefined) return value;
  throw new Fault("MissingParameter", `The request must contain the parameter ${parameter}.`);
}

/**
 * The name that a caller gives to a new resource, in lower case, as it is stored.
 * Throws InvalidParameterValue when it breaks ElastiCache's rules for identifiers.
 */
export function newIdentifier(
  parameter: string,
  value: string | undefined,
  lengthMax: number,
): string {
  const id = required(parameter, value).toLowerCase();
  if (identifier.test(id) && id.length <= lengthMax) return id;
  throw new Fault(
    "InvalidParameterValue",
    `The parameter ${parameter} is not a valid identifier. Identifiers must begin with a ` +
      "letter; must contain only ASCII letters, digits, and hyphens; must not end with a hyphen " +
      `or contain two consecutive hyphens; and must have 1 to ${lengthMax} characters.`,
  );
}

/** The name of an existing resource as it is stored: look-ups ignore case. */
export function storedName(parameter: string, value: string | undefined): string {
  return required(parameter, value).toLowerCase();
}
