import { createHash } from "node:crypto";
import { Fault } from "./fault.ts";

/** How an operation cuts its list into pages. */
export interface Paging<T> {
  /** The operation's name. A marker works only for the operation that gave it. */
  readonly operation: string;
  /** A text that no other item of the list has, and that the list is sorted by. */
  readonly keyOf: (item: T) => string;
  readonly order?: "ascending" | "descending";
  /** MaxRecords when the caller gives none: 100 for most operations. */
  readonly default?: number;
  /** The least and the greatest MaxRecords: 20 and 100 for most operations. */
  readonly min?: number;
  readonly max?: number;
}

/** One page, and the marker of the next one, where there is one. */
export interface Page<T> {
  readonly page: T[];
  readonly Marker?: string;
}

/**
 * The page that Marker and MaxRecords ask for. A marker holds the last key of its page, not a
 * position, so items that come or go between two pages make no other item come twice or be missed.
 */
export function page<T>(
  items: Iterable<T>,
  input: { readonly Marker?: string | undefined; readonly MaxRecords?: number | undefined },
  paging: Paging<T>,
): Page<T> {
  const limit = checkLimit("MaxRecords", input.MaxRecords, paging, [100, 20, 100]);
  const { rows, next } = cut(items, limit, "Marker", input.Marker, paging);
  return next === null ? { page: rows } : { page: rows, Marker: next };
}

/** As `page`, for the serverless operations, which have NextToken and MaxResults (1 to 50). */
export function pageByToken<T>(
  items: Iterable<T>,
  input: { readonly NextToken?: string | undefined; readonly MaxResults?: number | undefined },
  paging: Paging<T>,
): { readonly page: T[]; readonly NextToken?: string } {
  const limit = checkLimit("MaxResults", input.MaxResults, paging, [50, 1, 50]);
  const { rows, next } = cut(items, limit, "NextToken", input.NextToken, paging);
  return next === null ? { page: rows } : { page: rows, NextToken: next };
}

function checkLimit<T>(
  name: string,
  asked: number | undefined,
  paging: Paging<T>,
  [usual, least, greatest]: readonly [number, number, number],
): number {
  const { default: limit = usual, min = least, max = greatest } = paging;
  if (asked === undefined) return limit;
  if (asked >= min && asked <= max) return asked;
  throw new Fault(
    "InvalidParameterValue",
    `Invalid value ${asked} for ${name}. It must be between ${min} and ${max}.`,
  );
}

function cut<T>(
  items: Iterable<T>,
  limit: number,
  name: string,
  marker: string | undefined,
  { operation, keyOf, order = "ascending" }: Paging<T>,
): { rows: T[]; next: string | null } {
  const after = marker === undefined || marker === "" ? null : readMarker(name, operation, marker);
  const sign = order === "ascending" ? 1 : -1;
  const rest: { key: string; item: T }[] = [];
  for (const item of items) {
    const key = keyOf(item);
    if (after === null || compare(key, after) * sign > 0) rest.push({ key, item });
  }
  rest.sort((a, b) => compare(a.key, b.key) * sign);
  const rows = rest.slice(0, limit);
  const last = rows.at(-1);
  return {
    rows: rows.map(({ item }) => item),
    next: last === undefined || rest.length <= limit ? null : writeMarker(operation, last.key),
  };
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

// The checksum tells a marker that was altered or made up. It is no secret and need not be: a marker
// only says where to go on in a list that its reader may read anyway.
function writeMarker(operation: string, key: string): string {
  return Buffer.from(JSON.stringify([operation, key, checksum(operation, key)])).toString(
    "base64url",
  );
}

function readMarker(name: string, operation: string, marker: string): string {
  const key = parseMarker(operation, marker);
  // Written again and compared, because base64url has several spellings of one content.
  if (key !== null && writeMarker(operation, key) === marker) return key;
  throw new Fault(
    "InvalidParameterValue",
    `The ${name} is not one that ${operation} returned. Leave it out to start from the beginning.`,
  );
}

function parseMarker(operation: string, marker: string): string | null {
  try {
    const parts: unknown = JSON.parse(Buffer.from(marker, "base64url").toString());
    if (!Array.isArray(parts) || parts[0] !== operation) return null;
    return typeof parts[1] === "string" ? parts[1] : null;
  } catch {
    return null;
  }
}

function checksum(operation: string, key: string): string {
  return createHash("sha256")
    .update(JSON.stringify([operation, key]))
    .digest("hex")
    .slice(0, 12);
}
