import { connect } from "node:net";
import { Sha256 } from "@aws-crypto/sha256-js";
import type { Config } from "@larder/server/config.ts";
import { SignatureV4 } from "@smithy/signature-v4";
import { z } from "zod";
import { clientHost, endpointOf } from "./address.ts";
import type { RootKey } from "./credentials.ts";
import { Failure, reasonOf } from "./failure.ts";
import { parseJson } from "./json.ts";

/** Thrown when nothing listens at the server's address. */
class NotRunning extends Failure {
  constructor(endpoint: string, cause: unknown) {
    super(
      `No Larder server runs at ${endpoint}. Start it with \`npm start\` or \`npx larder up\`.`,
      {
        cause,
      },
    );
  }
}

/** Thrown when the connection is lost, or given up, before an answer. */
export class NoAnswer extends Failure {}

/** The server's own interface below /larder/, with signed requests. */
export interface ServerClient {
  readonly endpoint: string;
  /**
   * Sends a request and returns the body of a 2xx answer.
   * @throws NotRunning when nothing listens, Failure for every other answer or none
   */
  request(method: "GET" | "POST", path: string, withinMs: number): Promise<string>;
}

/**
 * A client for the server of `config`, signing as its root.
 * @param findKey asked once a request needs it; what it throws, the request throws
 */
export function createServerClient(config: Config, findKey: () => Promise<RootKey>): ServerClient {
  const endpoint = endpointOf(config);
  const signer = new SignatureV4({
    service: "larder",
    region: config.region,
    credentials: findKey,
    sha256: Sha256,
  });
  return {
    endpoint,
    async request(method, path, withinMs) {
      const { headers } = await signer.sign({
        method,
        protocol: "http:",
        hostname: clientHost(config.host),
        port: config.port,
        path,
        query: {},
        headers: { host: new URL(endpoint).host },
      });
      const response = await send(endpoint, path, { method, headers }, withinMs);
      const body = await textOf(response, endpoint);
      if (!response.ok) throw refusal(endpoint, response.status, body);
      return body;
    },
  };
}

const health = z.looseObject({
  status: z.literal("ok"),
  version: z.string(),
  pid: z.int().optional(),
});

/** Who answers /health. */
export type Health = z.infer<typeof health>;

/** What /health at `endpoint` answers; null if nothing within `withinMs`. Never rejects. */
export async function askHealth(endpoint: string, withinMs: number): Promise<Health | null> {
  try {
    const response = await send(endpoint, "/health", {}, withinMs);
    return response.ok ? (health.safeParse(await response.json()).data ?? null) : null;
  } catch {
    // Whatever kept the answer away, or made it something else than ours: that is the question.
    return null;
  }
}

/** Whether anybody listens at `endpoint`. Never rejects. */
export async function isListening(endpoint: string): Promise<boolean> {
  const { hostname, port } = new URL(endpoint);
  const outcome = Promise.withResolvers<boolean>();
  const socket = connect({ host: hostname.replace(/^\[|\]$/g, ""), port: Number(port) });
  socket.once("connect", () => outcome.resolve(true));
  socket.once("error", () => outcome.resolve(false));
  try {
    return await outcome.promise;
  } finally {
    socket.destroy();
  }
}

async function send(
  endpoint: string,
  path: string,
  init: RequestInit,
  withinMs: number,
): Promise<Response> {
  try {
    return await fetch(`${endpoint}${path}`, { ...init, signal: AbortSignal.timeout(withinMs) });
  } catch (error) {
    if (isRefused(error)) throw new NotRunning(endpoint, error);
    const late = error instanceof Error && error.name === "TimeoutError";
    const how = late ? `within ${Math.round(withinMs / 1_000)} s` : `(${reasonOf(error)})`;
    throw new NoAnswer(`The server at ${endpoint} did not answer ${how}.`, { cause: error });
  }
}

async function textOf(response: Response, endpoint: string): Promise<string> {
  try {
    return await response.text();
  } catch (error) {
    throw new NoAnswer(`The answer of ${endpoint} broke off (${reasonOf(error)}).`, {
      cause: error,
    });
  }
}

/** Whether nobody listens. fetch wraps the network's error, once or in an AggregateError. */
function isRefused(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if ("code" in error && error.code === "ECONNREFUSED") return true;
  return (
    isRefused(error.cause) || (error instanceof AggregateError && error.errors.some(isRefused))
  );
}

const refusalBody = z.looseObject({ message: z.string() });

function refusal(endpoint: string, status: number, body: string): Failure {
  const said = refusalBody.safeParse(parseJson(body)).data?.message ?? `HTTP ${status}`;
  const hint =
    status === 401 || status === 403
      ? " Is it another Larder, with another LARDER_DATA_DIR or another root key?"
      : "";
  return new Failure(`The server at ${endpoint} refuses: ${said}${hint}`);
}
