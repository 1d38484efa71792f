import type { SeenMember } from "./seen.ts";

/** The member with the greatest offset; the zone, then the id break ties. */
export function bestOf(pool: readonly SeenMember[], zone: string | null): SeenMember | null {
  const ranked = pool.toSorted(
    (a, b) =>
      (b.view?.offset ?? 0) - (a.view?.offset ?? 0) ||
      Number(b.member.zone === zone) - Number(a.member.zone === zone) ||
      (a.id < b.id ? -1 : 1),
  );
  return ranked[0] ?? null;
}
