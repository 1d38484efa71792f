/**
 * The lowest number from `first` to `last` whose name is not taken; one of the recent only when
 * there is no other, and null when all are taken.
 */
export function firstFree<T>(
  first: number,
  last: number,
  nameOf: (candidate: number) => T,
  taken: ReadonlySet<T>,
  recent: ReadonlySet<T>,
): number | null {
  let fallback: number | null = null;
  for (let candidate = first; candidate <= last; candidate += 1) {
    const name = nameOf(candidate);
    if (taken.has(name)) continue;
    if (!recent.has(name)) return candidate;
    fallback ??= candidate;
  }
  return fallback;
}
