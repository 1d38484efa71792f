import {
  defaultSecurityGroups,
  defaultSubnets,
  defaultVpcs,
} from "../resources/default-network.ts";
import { type Home, refIn } from "../resources/ref.ts";
import type { Spec } from "../resources/resource.ts";
import { type Vpc, vpcIdOf } from "../resources/vpc.ts";
import type { Store } from "./store.ts";

/** The kinds of resource that networks consist of. */
export type NetworkKind = "vpc" | "subnet" | "security-group";

/** A part of a network with its id. */
export type Part<K extends NetworkKind> = Spec<K> & { readonly id: string };

/** A cache subnet group, and the subnets that nodes in it get their addresses from. */
export interface KnownSubnetGroup {
  readonly name: string;
  readonly description: string;
  readonly vpcId: string;
  /** In order of zone; a zone may have several, or none. */
  readonly subnets: readonly Part<"subnet">[];
}

/** The subnet group that is always there: the default VPC's own subnets. */
export const defaultSubnetGroup = "default";

/**
 * The networks of one account and region: what callers made, and the default VPC with all that
 * belongs to it, which exists without being stored. A part of it is stored once a caller changed it.
 */
export class Networks {
  readonly #store: Store;
  readonly #vpc: Vpc;
  readonly #home: Home;

  constructor(store: Store, vpc: Vpc, home: Home) {
    this.#store = store;
    this.#vpc = vpc;
    this.#home = home;
  }

  /** All of a kind: the default ones first, the others in order of id. */
  list<K extends NetworkKind>(kind: K): readonly Part<K>[] {
    const defaults = this.#defaults(kind);
    const others = this.#store.list(kind, this.#home).filter(({ id }) => !defaults.has(id));
    return [...defaults.keys(), ...others.map(({ id }) => id)].flatMap((id) => {
      const part = this.get(kind, id);
      return part === undefined ? [] : [part];
    });
  }

  get<K extends NetworkKind>(kind: K, id: string): Part<K> | undefined {
    const stored = this.#store.get(refIn(this.#home, kind, id))?.spec;
    const original = this.#defaults(kind).get(id);
    if (stored === undefined) return original === undefined ? undefined : { ...original, id };
    // The default VPC moves with LARDER_VPC_CIDR, whatever was changed of it before.
    const moved = original !== undefined && "cidr" in original ? { cidr: original.cidr } : {};
    return { ...stored, ...moved, id };
  }

  /** Adds a part, or changes one, which may be a default one. */
  save<K extends NetworkKind>(kind: K, id: string, spec: Spec<K>): void {
    const ref = refIn(this.#home, kind, id);
    if (this.#store.get(ref) === undefined) this.#store.create(ref, spec, {}, null);
    else this.#store.setSpec(ref, spec);
  }

  /** Every cache subnet group: the default one first, the others in order of name. */
  subnetGroups(): readonly KnownSubnetGroup[] {
    const names = this.#store.list("subnet-group", this.#home).map(({ id }) => id);
    return [defaultSubnetGroup, ...names].flatMap((name) => this.subnetGroup(name) ?? []);
  }

  /** The cache subnet group of that name, which is in lower case. */
  subnetGroup(name: string): KnownSubnetGroup | undefined {
    if (name === defaultSubnetGroup) {
      return {
        ...{ name, description: "Default CacheSubnetGroup", vpcId: vpcIdOf(this.#home) },
        subnets: this.list("subnet").filter(({ isDefault }) => isDefault),
      };
    }
    const group = this.#store.get(refIn(this.#home, "subnet-group", name));
    if (group === undefined) return undefined;
    const { description, vpcId, subnetIds } = group.spec;
    const subnets = subnetIds
      .flatMap((id) => this.get("subnet", id) ?? [])
      .toSorted((a, b) => compare(a.zone, b.zone) || compare(a.id, b.id));
    return { name, description, vpcId, subnets };
  }

  #defaults<K extends NetworkKind>(kind: K): ReadonlyMap<string, Spec<K>> {
    const home = this.#home;
    const defaults: { readonly [P in NetworkKind]: () => ReadonlyMap<string, Spec<P>> } = {
      vpc: () => defaultVpcs(this.#vpc, home),
      subnet: () => defaultSubnets(this.#vpc, home),
      "security-group": () => defaultSecurityGroups(home),
    };
    return defaults[kind]();
  }
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
