import type { AwsService } from "./service.ts";

/**
 * A service that is loaded by the first request for it. The SDK's package of a large service costs
 * time and memory that a server should not pay before anybody asks.
 */
export interface DeferredService {
  /** The signing name. */
  readonly name: string;
  load(): Promise<AwsService>;
}

/** Has `load` called once, however many requests come meanwhile; again only after it failed. */
export function deferService(name: string, load: () => Promise<AwsService>): DeferredService {
  let loading: Promise<AwsService> | null = null;
  return {
    name,
    async load() {
      loading ??= load();
      try {
        return await loading;
      } catch (error) {
        loading = null;
        throw error;
      }
    },
  };
}
