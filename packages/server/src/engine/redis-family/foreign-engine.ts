import { lookup } from "node:dns/promises";
import { connect } from "node:net";
import type { Clock } from "../../base/clock.ts";
import { withDeadline } from "../../base/deadline.ts";
import type { Address } from "../../resources/address.ts";
import type { ForeignEngine } from "../engine.ts";
import { figureOf, parseInfo, replicationViewOf } from "./info.ts";

/** An honest engine's answers have some 10 KB; a stranger's must not fill this server's memory. */
const answersBytesMax = 262_144;

/** A reply of the few kinds that are asked for: a text, or the engine's error. */
type Reply = { readonly text: string } | { readonly error: string };

/**
 * Looks at an engine that is none of Larder's, without logging in and without changing anything.
 * @param databases how many it should have
 * @throws Error with a sentence for the caller when it cannot be looked at
 */
export async function readForeignEngine(
  clock: Clock,
  place: { readonly host: string; readonly port: number },
  databases: number,
  withinMs: number,
): Promise<ForeignEngine> {
  const look = async (): Promise<ForeignEngine> => {
    const address = { host: await ipOf(place.host), port: place.port };
    // The number of databases is tried rather than read, since CONFIG is often renamed.
    const questions = [
      ["INFO"],
      ["SELECT", String(databases - 1)],
      ["SELECT", String(databases)],
      ["REPLCONF", "capa", "eof"],
    ];
    const [info, last, beyond, replconf] = await ask(clock, address, questions, withinMs);
    return { address, ...judged(info, last, beyond, replconf) };
  };
  return withDeadline(clock, `connecting to ${place.host}:${place.port}`, withinMs, look());
}

async function ipOf(host: string): Promise<string> {
  try {
    return (await lookup(host)).address;
  } catch (error) {
    throw new Error("its name leads nowhere", { cause: error });
  }
}

function judged(
  info: Reply | undefined,
  last: Reply | undefined,
  beyond: Reply | undefined,
  replconf: Reply | undefined,
): Omit<ForeignEngine, "address"> {
  if (info === undefined || "error" in info) throw new Error(refusal(info?.error ?? ""));
  const fields = parseInfo(info.text);
  const valkey = fields.get("valkey_version");
  const version = valkey ?? fields.get("redis_version") ?? "";
  if (!/^\d+\.\d+\.\d+$/.test(version)) throw new Error("it is neither Redis OSS nor Valkey");
  const { role, offset, replicationId } = replicationViewOf(fields);
  return {
    ...{ engine: valkey === undefined ? "redis" : "valkey", version, role, offset, replicationId },
    isCluster: fields.get("cluster_enabled") === "1",
    usedMemoryBytes: figureOf(fields, "used_memory"),
    hasDatabases: isOk(last) && !isOk(beyond),
    admitsReplicas: isOk(replconf),
  };
}

/** What an engine means that will not say anything of itself. */
function refusal(error: string): string {
  if (/^(NOAUTH|ERR operation not permitted)/i.test(error)) return "it requires a password";
  if (error.startsWith("DENIED")) return "it runs in protected mode";
  return "it does not answer as an engine does";
}

function isOk(reply: Reply | undefined): boolean {
  return reply !== undefined && "text" in reply && reply.text === "OK";
}

/** Asks the questions on one connection, and resolves with the replies that came. */
function ask(
  clock: Clock,
  { host, port }: Address,
  questions: readonly (readonly string[])[],
  withinMs: number,
): Promise<readonly Reply[]> {
  const { promise, resolve, reject } = Promise.withResolvers<readonly Reply[]>();
  const socket = connect({ host, port });
  let received = Buffer.alloc(0);
  const conclude = () => {
    const replies = parseReplies(received);
    timer.cancel();
    socket.destroy();
    if (replies.length > 0) resolve(replies);
    else reject(new Error("it does not answer as an engine does"));
  };
  // Whatever came by then is judged; a stranger that sends a byte a second holds nobody up.
  const timer = clock.after(withinMs, conclude);
  socket.on("connect", () => socket.write(questions.map(encoded).join("")));
  socket.on("data", (chunk) => {
    received = Buffer.concat([received, chunk]);
    const isOver = received.length > answersBytesMax;
    if (isOver || parseReplies(received).length >= questions.length) conclude();
  });
  socket.on("end", conclude);
  socket.on("error", (error) => {
    timer.cancel();
    const { code } = error as NodeJS.ErrnoException;
    reject(new Error(code === "ECONNREFUSED" ? "it refuses connections" : "it cannot be reached"));
  });
  return promise;
}

function encoded(words: readonly string[]): string {
  const bulks = words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`);
  return `*${words.length}\r\n${bulks.join("")}`;
}

/** The replies that are complete, up to the first that is none. */
export function parseReplies(bytes: Buffer): readonly Reply[] {
  const replies: Reply[] = [];
  for (let at = 0; ;) {
    const lineEnd = bytes.indexOf("\r\n", at);
    if (lineEnd < 0) return replies;
    const line = bytes.toString("latin1", at + 1, lineEnd);
    const kind = String.fromCharCode(bytes[at] ?? 0);
    at = lineEnd + 2;
    if (kind === "+") replies.push({ text: line });
    else if (kind === "-") replies.push({ error: line });
    else if (kind === "$" && /^\d{1,6}$/.test(line)) {
      const end = at + Number(line);
      if (bytes.length < end + 2) return replies;
      replies.push({ text: bytes.toString("utf8", at, end) });
      at = end + 2;
    } else return replies;
  }
}
