import type { Filter } from "@aws-sdk/client-ec2";
import type { Fault } from "../../aws/fault.ts";
import { pageByToken } from "../../aws/pagination.ts";
import { ec2Fault } from "./faults.ts";
import { matchesWildcards } from "./wildcard.ts";

/** What a Describe operation can select by. */
export interface Listing<T> {
  /** The operation's name: a token works only for the one that gave it. */
  readonly operation: string;
  /** A text that no other item has. */
  readonly idOf: (item: T) => string;
  /** What is said of an id that no item has. */
  readonly notFound: (id: string) => Fault;
  /** By a filter's name: the values of an item, one of which must match. */
  readonly filters: Readonly<Record<string, (item: T) => FilterValue>>;
  /** Where items have tags: what they are, for the filters tag:KEY, tag-key and tag-value. */
  readonly tagsOf?: (item: T) => ReadonlyMap<string, string>;
}

type Scalar = string | number | boolean | null;
type FilterValue = Scalar | readonly Scalar[];

/** What callers select by. */
export interface Selection {
  readonly ids?: readonly string[] | undefined;
  readonly Filters?: readonly Filter[] | undefined;
  readonly NextToken?: string | undefined;
  readonly MaxResults?: number | undefined;
}

/** EC2 answers everything, 1,000 at most, unless it is asked for pages. */
const paging = { default: 1000, min: 5, max: 1000 };

/** The items that are asked for by id and by filter: their first page, or the one after a token. */
export function selected<T>(
  items: readonly T[],
  selection: Selection,
  listing: Listing<T>,
): { readonly page: T[]; readonly NextToken?: string } {
  const named = withIds(items, selection.ids ?? [], listing);
  const { operation, idOf } = listing;
  return pageByToken(filtered(named, selection.Filters ?? [], listing), selection, {
    ...{ operation, keyOf: idOf },
    ...paging,
  });
}

function withIds<T>(
  items: readonly T[],
  ids: readonly string[],
  { idOf, notFound }: Listing<T>,
): readonly T[] {
  if (ids.length === 0) return items;
  const byId = new Map(items.map((item) => [idOf(item), item]));
  return [...new Set(ids)].map((id) => {
    const item = byId.get(id);
    if (item === undefined) throw notFound(id);
    return item;
  });
}

function filtered<T>(
  items: readonly T[],
  filters: readonly Filter[],
  listing: Listing<T>,
): readonly T[] {
  return filters.reduce<readonly T[]>((left, { Name: name = "", Values: patterns = [] }) => {
    const valuesOf = filterOf(name, listing);
    return left.filter((item) => {
      const values = valuesOf(item);
      return patterns.some((pattern) => values.some((one) => matchesWildcards(pattern, one)));
    });
  }, items);
}

function filterOf<T>(name: string, listing: Listing<T>): (item: T) => readonly string[] {
  const { filters, tagsOf } = listing;
  if (Object.hasOwn(filters, name)) {
    const valuesOf = filters[name];
    return (item) => texts(valuesOf?.(item) ?? null);
  }
  if (tagsOf !== undefined) {
    if (name === "tag-key") return (item) => [...tagsOf(item).keys()];
    if (name === "tag-value") return (item) => [...tagsOf(item).values()];
    if (name.startsWith("tag:")) return (item) => texts(tagsOf(item).get(name.slice(4)) ?? null);
  }
  throw ec2Fault("InvalidParameterValue", `The filter '${name}' is invalid`);
}

function texts(value: FilterValue): readonly string[] {
  const all: readonly Scalar[] = Array.isArray(value) ? value : [value];
  return all.filter((one) => one !== null).map(String);
}

/** One filter under the several names that EC2 has had for it. */
export function alsoAs<F>(names: readonly string[], filter: F): Readonly<Record<string, F>> {
  return Object.fromEntries(names.map((name) => [name, filter]));
}
