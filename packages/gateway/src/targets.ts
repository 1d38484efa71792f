import type { Socket } from "node:net";
import type { Route } from "./protocol.ts";

type Place = Route["targets"][number];

/** One place that a route leads to, and the clients that are there. */
export interface Target extends Place {
  readonly clients: Set<Socket>;
  /** Until then it gets no new connection, as it refused one. */
  skippedUntilMs: number;
  /** When it was last chosen, counted in choices. */
  lastChoice: number;
}

/** How long a target that refused a connection is left alone. */
const skipMs = 500;

/** The targets of one route, which keep their connections while the table changes around them. */
export class Targets {
  readonly #byAddress = new Map<string, Target>();
  readonly #nowMs: () => number;
  #choices = 0;

  /** @param nowMs a clock that never goes back */
  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  /** Makes `places` the targets. The clients of a target that goes are ended at once. */
  replace(places: readonly Place[]): void {
    const wanted = new Map(places.map((place) => [`${place.host}:${place.port}`, place]));
    for (const [address, target] of this.#byAddress) {
      if (wanted.has(address)) continue;
      this.#byAddress.delete(address);
      for (const client of target.clients) client.destroy();
    }
    for (const [address, { host, port }] of wanted) {
      if (this.#byAddress.has(address)) continue;
      const fresh = { host, port, clients: new Set<Socket>(), skippedUntilMs: 0, lastChoice: 0 };
      this.#byAddress.set(address, fresh);
    }
  }

  /**
   * The target with the fewest connections that is not among `tried`; of equals, the one whose
   * turn is the longest ago, so that short connections spread too. A target that refused lately
   * comes after all others. Null when every target was tried.
   */
  choose(tried: ReadonlySet<Target>): Target | null {
    const now = this.#nowMs();
    const skipped = (target: Target): number => (target.skippedUntilMs > now ? 1 : 0);
    const before = (a: Target, b: Target): number =>
      skipped(a) - skipped(b) || a.clients.size - b.clients.size || a.lastChoice - b.lastChoice;
    let best: Target | null = null;
    for (const target of this.#byAddress.values()) {
      if (tried.has(target)) continue;
      if (best === null || before(target, best) < 0) best = target;
    }
    if (best !== null) best.lastChoice = this.#choices += 1;
    return best;
  }

  /** Remembers that a target did not take a connection. */
  skip(target: Target): void {
    target.skippedUntilMs = this.#nowMs() + skipMs;
  }
}
