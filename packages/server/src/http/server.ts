import Fastify, { type FastifyInstance } from "fastify";
import { createAwsEndpoint } from "../aws/endpoint.ts";
import type { KeyRing } from "../aws/key-ring.ts";
import type { DeferredService } from "../aws/deferred-service.ts";
import type { AwsService } from "../aws/service.ts";
import type { Clock } from "../base/clock.ts";
import type { Log } from "../base/log.ts";
import { newRequestId } from "../base/random.ts";
import type { Admin } from "./admin.ts";
import { addAdminRoutes } from "./admin-routes.ts";
import { addAwsRoute } from "./aws-route.ts";
import { addRefusals } from "./refusals.ts";

export interface HttpOptions {
  readonly services: readonly (AwsService | DeferredService)[];
  readonly keyRing: KeyRing;
  readonly log: Log;
  readonly clock: Clock;
  readonly admin: Admin;
  /** Shown at /health. */
  readonly version: string;
  /** The address to listen on. */
  readonly host: string;
  /** 0 lets the system choose. */
  readonly port: number;
}

/** The HTTP server, not yet listening. */
export interface HttpServer {
  /** Starts to listen, and says where. */
  listen(): Promise<{ readonly host: string; readonly port: number }>;
  /** Lets requests under way finish, for 5 s at most, then closes every connection. */
  close(): Promise<void>;
}

const bodyMaxBytes = 1_048_576;
const headersMaxBytes = 16_384;
/** For headers and body to arrive. */
const requestTimeoutMs = 30_000;
const connectionTimeoutMs = 120_000;
/** Longer than SDKs keep an idle connection, so that none is closed under a request. */
const keepAliveTimeoutMs = 65_000;
const closeGraceMs = 5_000;

/** Serves every AWS service on `/`, and beside them `/health` and `/larder/…`. */
export function createHttp(options: HttpOptions): HttpServer {
  const { log, clock, host, port, version } = options;
  const app = Fastify({
    bodyLimit: bodyMaxBytes,
    requestTimeout: requestTimeoutMs,
    connectionTimeout: connectionTimeoutMs,
    keepAliveTimeout: keepAliveTimeoutMs,
    forceCloseConnections: "idle",
    exposeHeadRoutes: false,
    genReqId: newRequestId,
    http: { maxHeaderSize: headersMaxBytes },
  });
  keepBodiesRaw(app);
  addRefusals(app, log);
  const endpoint = createAwsEndpoint(options);
  addAwsRoute(app, endpoint);
  addAdminRoutes(app, endpoint, options.admin, log);
  app.get("/health", () => ({ status: "ok", version, pid: process.pid }));

  return {
    async listen() {
      await app.listen({ host, port });
      const address = app.server.address();
      const chosen = typeof address === "object" && address !== null ? address.port : port;
      return { host, port: chosen };
    },
    async close() {
      const late = clock.after(closeGraceMs, () => app.server.closeAllConnections());
      try {
        await app.close();
      } finally {
        late.cancel();
      }
    },
  };
}

// A signature covers the bytes of the body, so nothing may parse them before it is verified.
function keepBodiesRaw(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser("*", { parseAs: "buffer" }, (_request, body, done) => {
    done(null, body);
  });
}
