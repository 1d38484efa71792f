import { type Home, type Kind, type Ref, refKey } from "../resources/ref.ts";
import type { Resource } from "../resources/resource.ts";

/** Names a list of resources that is asked for: of a kind, of a kind in a region, of an owner. */
export type ShelfName = string;

/** All of a kind. */
export function shelfOfKind(kind: Kind): ShelfName {
  return kind;
}

/** All of a kind in one account and region. */
export function shelfOfHome(kind: Kind, { account, region }: Home): ShelfName {
  return `${kind} in ${account}/${region}`;
}

/** All of a kind that a resource owns. */
export function shelfOfOwner(kind: Kind, owner: Ref): ShelfName {
  return `${kind} of ${refKey(owner)}`;
}

/** Every list that a resource is in. */
export function shelvesOf(resource: Resource): readonly ShelfName[] {
  const { kind, owner } = resource;
  const always = [shelfOfKind(kind), shelfOfHome(kind, resource)];
  return owner === null ? always : [...always, shelfOfOwner(kind, owner)];
}

/**
 * Resources by key and in the lists that are asked for, so that no question has to look at every
 * resource there is. A list is put in order when it is asked for after something came or went; a
 * resource that only changes keeps its place.
 */
export class ResourceIndex {
  readonly #rows = new Map<string, Resource>();
  readonly #shelves = new Map<ShelfName, Shelf>();

  get(key: string): Resource | undefined {
    return this.#rows.get(key);
  }

  put(key: string, resource: Resource): void {
    const before = this.#rows.get(key);
    const names = shelvesOf(resource);
    if (before !== undefined) {
      for (const name of shelvesOf(before)) if (!names.includes(name)) this.#drop(name, key);
    }
    this.#rows.set(key, resource);
    for (const name of names) {
      const shelf = this.#shelves.get(name) ?? new Shelf();
      this.#shelves.set(name, shelf);
      shelf.put(key, resource);
    }
  }

  delete(key: string): void {
    const before = this.#rows.get(key);
    if (before === undefined) return;
    this.#rows.delete(key);
    for (const name of shelvesOf(before)) this.#drop(name, key);
  }

  /** The resources on a shelf, in order of id. */
  list(name: ShelfName): readonly Resource[] {
    return this.#shelves.get(name)?.inOrder() ?? [];
  }

  #drop(name: ShelfName, key: string): void {
    const shelf = this.#shelves.get(name);
    shelf?.delete(key);
    if (shelf?.isEmpty === true) this.#shelves.delete(name);
  }
}

class Shelf {
  readonly #rows = new Map<string, Resource>();
  #order: readonly string[] | null = null;

  get isEmpty(): boolean {
    return this.#rows.size === 0;
  }

  put(key: string, resource: Resource): void {
    if (!this.#rows.has(key)) this.#order = null;
    this.#rows.set(key, resource);
  }

  delete(key: string): void {
    if (this.#rows.delete(key)) this.#order = null;
  }

  inOrder(): readonly Resource[] {
    this.#order ??= [...this.#rows].toSorted(([, a], [, b]) => byId(a, b)).map(([key]) => key);
    return this.#order.map((key) => this.#rows.get(key) as Resource);
  }
}

/** The order of every list. */
export function byId(a: Resource, b: Resource): number {
  return a.id < b.id ? -1 : a.id > b.id ? 1 : 0;
}
