import { engineServing, type InstalledEngine } from "../resources/engine-name.ts";
import { compareVersions } from "../resources/engine-version.ts";
import { releaseId } from "../resources/engine-release.ts";
import { type Home, refIn } from "../resources/ref.ts";
import type { Store } from "../store/store.ts";

/**
 * Records the installed engines that were not seen before, and tells of each node that runs an older
 * binary than it could: both at once, so that it is told once.
 */
export function recordReleases(
  store: Store,
  installed: readonly InstalledEngine[],
  home: Home,
): void {
  store.transaction(() => {
    const known = new Set(store.listAll("engine-release").map(({ id }) => id));
    const fresh = installed.filter((one) => !known.has(releaseId(one)));
    for (const { engine, binaryVersion, serves } of fresh) {
      const ref = refIn(home, "engine-release", releaseId({ engine, binaryVersion }));
      store.create(ref, { engine, binaryVersion, serves }, {}, null);
    }
    for (const node of store.listAll("node")) {
      const { spec, status } = node;
      const now = engineServing(installed, spec.engine, spec.engineVersion);
      if (now === undefined || !fresh.includes(now) || status.launchedAs === null) continue;
      if (compareVersions(status.launchedAs.binaryVersion, now.binaryVersion) >= 0) continue;
      const message = `Service update is available for cache node ${spec.cacheNodeId}.`;
      store.addEvents(node, [{ sourceType: "cache-cluster", sourceId: spec.clusterId, message }]);
    }
  });
}
