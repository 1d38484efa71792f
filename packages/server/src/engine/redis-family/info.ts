import { isIP } from "node:net";
import type { Address } from "../../resources/address.ts";
import type { AttachedReplica, ReplicationView } from "../engine.ts";

/** The fields of an INFO reply by name. */
export type Info = ReadonlyMap<string, string>;

/** An honest INFO has some 10 KB; a node that lies must not fill the server's memory. */
const infoCharactersMax = 1_000_000;
/** AWS allows 5 replicas; more can be attached for a moment while a group changes. */
const replicasMax = 64;

/**
 * Reads an INFO reply. What is not a "name:value" line is skipped: a node may say anything.
 * @throws Error when the reply is not text or is far too long
 */
export function parseInfo(reply: unknown): Info {
  if (typeof reply !== "string" || reply.length > infoCharactersMax) {
    throw new Error("the node's INFO is not a reply that an engine gives");
  }
  const fields = new Map<string, string>();
  for (const line of reply.split("\n")) {
    const colon = line.indexOf(":");
    if (colon > 0 && !line.startsWith("#")) {
      fields.set(line.slice(0, colon), line.slice(colon + 1).trimEnd());
    }
  }
  return fields;
}

/** A field as a whole number; 0 when it is missing or not one. */
export function figureOf(info: Info, name: string): number {
  return wholeNumber(info.get(name));
}

/** What INFO replication says. */
export function replicationViewOf(info: Info): ReplicationView {
  const isReplica = info.get("role") === "slave" || info.get("role") === "replica";
  const primary = addressOf(info.get("master_host"), info.get("master_port"));
  const replicationId = info.get("master_replid") ?? "";
  return {
    role: isReplica ? "replica" : "primary",
    replicationId: /^[0-9a-f]{40}$/.test(replicationId) ? replicationId : "",
    offset: figureOf(info, isReplica ? "slave_repl_offset" : "master_repl_offset"),
    link:
      isReplica && primary !== null
        ? {
            primary,
            up: info.get("master_link_status") === "up",
            syncing: info.get("master_sync_in_progress") === "1",
          }
        : null,
    // A replica can have replicas of its own.
    replicas: attachedReplicas(info),
  };
}

function attachedReplicas(info: Info): readonly AttachedReplica[] {
  const replicas: AttachedReplica[] = [];
  for (const [name, value] of info) {
    if (!/^(slave|replica)\d+$/.test(name) || replicas.length >= replicasMax) continue;
    const fields = new Map(value.split(",").map(keyAndValue));
    const address = addressOf(fields.get("ip"), fields.get("port"));
    if (address === null) continue;
    replicas.push({
      address,
      online: fields.get("state") === "online",
      acknowledgedOffset: wholeNumber(fields.get("offset")),
    });
  }
  return replicas;
}

function keyAndValue(text: string): readonly [string, string] {
  const equals = text.indexOf("=");
  return equals < 0 ? [text, ""] : [text.slice(0, equals), text.slice(equals + 1)];
}

function addressOf(host: string | undefined, port: string | undefined): Address | null {
  const number = wholeNumber(port);
  if (host === undefined || isIP(host) === 0 || number < 1 || number > 65_535) return null;
  return { host, port: number };
}

function wholeNumber(text: string | undefined): number {
  if (text === undefined || !/^\d{1,16}$/.test(text)) return 0;
  const value = Number(text);
  return Number.isSafeInteger(value) ? value : 0;
}
