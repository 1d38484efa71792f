import type { Protocol } from "./protocol.ts";
import type { AwsService } from "./service.ts";

/**
 * A service that is loaded by the first request for it. The SDK's package of a large service costs
 * time and memory that a server should not pay before anybody asks.
 */
export interface DeferredService {
  /** The signing name. */
  readonly name: string;
  readonly protocol: Protocol;
  load(): Promise<AwsService>;
}

/** Has `load` called once, however many requests come meanwhile; again only after it failed. */
export function deferService(
  name: string,
  protocol: Protocol,
  load: () => Promise<AwsService>,
): DeferredService {
  let loading: Promise<AwsService> | null = null;
  return {
    ...{ name, protocol },
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
