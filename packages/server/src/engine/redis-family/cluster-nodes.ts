import { isIP } from "node:net";
import type { Address } from "../../resources/address.ts";
import { parseSlots, slotCount } from "../../resources/slots.ts";
import type { ClusterNode, ClusterView, OpenSlot } from "../engine.ts";

/** 500 shards of 6 nodes, with all their slots apart, are far below this. */
const charactersMax = 4_000_000;

/**
 * Reads a CLUSTER NODES reply: a line a node, "id ip:port@bus[,hostname] flags primary ping pong
 * epoch link slot…" (redis documentation, CLUSTER NODES). Lines that are not of that form are
 * skipped: a node may say anything.
 * @throws Error when the reply is no text, is far too long, or does not name the node itself
 */
export function parseClusterNodes(reply: unknown): Omit<ClusterView, "ok"> {
  const known = linesOf(reply).flatMap((fields) => {
    const node = clusterNode(fields);
    return node === null ? [] : [{ node, fields }];
  });
  const own = known.find(({ fields }) => flagsOf(fields).includes("myself"));
  if (own === undefined) throw new Error("the node does not know itself");
  return {
    self: own.node.id,
    nodes: known.map(({ node }) => node),
    openSlots: own.fields.slice(firstSlotField).flatMap(openSlot),
  };
}

/**
 * Reads the configuration epochs of all primaries from a CLUSTER NODES reply, by node id. Of two
 * that claim a slot, the one with the greater epoch has it.
 * @throws Error when the reply is no text, or far too long
 */
export function parseClaims(reply: unknown): ReadonlyMap<string, number> {
  const primaries = linesOf(reply).filter((fields) => clusterNode(fields)?.role === "primary");
  return new Map(
    primaries.map((fields) => [fields[0] ?? "", Number(fields[epochField] ?? 0)] as const),
  );
}

function linesOf(reply: unknown): readonly (readonly string[])[] {
  if (typeof reply !== "string" || reply.length > charactersMax) {
    throw new Error("the node's CLUSTER NODES is not a reply that an engine gives");
  }
  return reply.split("\n").map((line) => line.trim().split(" "));
}

const epochField = 6;
const firstSlotField = 8;

function clusterNode(fields: readonly string[]): ClusterNode | null {
  const [id = "", place = "", , primary = "-"] = fields;
  if (!isId(id) || fields.length < firstSlotField) return null;
  const flags = flagsOf(fields);
  const isReplica = flags.includes("slave") || flags.includes("replica");
  return {
    id,
    address: flags.includes("noaddr") ? null : addressOf(place),
    role: isReplica ? "replica" : "primary",
    primaryId: isReplica && isId(primary) ? primary : null,
    slots: fields.slice(firstSlotField).flatMap((field) => parseSlots(field) ?? []),
    met: !flags.includes("handshake"),
    failed: flags.includes("fail"),
  };
}

function flagsOf(fields: readonly string[]): readonly string[] {
  return fields[2]?.split(",") ?? [];
}

function isId(text: string): boolean {
  return /^[0-9a-f]{40}$/.test(text);
}

/** The address in "ip:port@bus,hostname". */
function addressOf(place: string): Address | null {
  const found = /^(.+):(\d{1,5})(?:@|$)/.exec(place);
  const [host, port] = [found?.[1] ?? "", Number(found?.[2] ?? 0)];
  return isIP(host) !== 0 && port >= 1 && port <= 65_535 ? { host, port } : null;
}

/** "[93-<-ID]" for a slot that comes in, "[93->-ID]" for one that goes. */
function openSlot(field: string): readonly OpenSlot[] {
  const found = /^\[(\d{1,5})-([<>])-([0-9a-f]{40})\]$/.exec(field);
  if (found === null || Number(found[1]) >= slotCount) return [];
  const direction = found[2] === "<" ? "importing" : "migrating";
  return [{ slot: Number(found[1]), direction, peer: found[3] ?? "" }];
}
