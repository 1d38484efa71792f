import { type Address, formatAddress } from "../../resources/address.ts";

/** Where a node in cluster mode keeps what it knows of the cluster. */
export const clusterFile = "nodes.conf";

const shardIdPattern = /(?<=,shard-id=)[0-9a-f]{40}/;

/**
 * What a node wrote of its cluster, with every replica in its primary's shard. Valkey 8.0 takes
 * seconds to learn the shard of a replica that is new or has changed sides, and a file that it
 * wrote meanwhile is "corrupted" for it at its next start: it would never start again
 * (valkey#774, valkey#2171).
 * @param text lines such as "ID HOST:PORT@BUS,,shard-id=ID FLAGS PRIMARY …", and one of variables
 */
export function mendClusterFile(text: string): string {
  const lines = text.split("\n");
  const shards = new Map(
    lines.map((line) => [line.split(" ", 1)[0] ?? "", shardIdPattern.exec(line)?.[0]]),
  );
  const mended = lines.map((line) => {
    const primary = line.split(" ", 4)[3];
    const shard = primary === undefined ? undefined : shards.get(primary);
    return shard === undefined ? line : line.replace(shardIdPattern, shard);
  });
  return mended.join("\n");
}

/**
 * What a node wrote of its cluster, but for its own claim to be a primary: its slots are those of the
 * node at `primary`, whose replica it is. For a node that comes back without its data: it would claim
 * its slots, empty, and where its heir's claim is no newer than its own the engines let chance decide
 * which of the two copies the other.
 */
export function demoteSelf(text: string, primary: Address): string {
  const lines = text.split("\n").map((line) => line.split(" "));
  const self = lines.find((fields) => flagsOf(fields).includes("myself"));
  if (self === undefined || !flagsOf(self).includes("master")) return text;
  const heir = lines.find(
    (fields) => fields !== self && fields[1]?.startsWith(`${formatAddress(primary)}@`) === true,
  );
  const [selfId = "", heirId = "-"] = [self[0], heir?.[0]];
  const slots = self.slice(firstSlotField).filter((field) => !field.startsWith("["));
  const demoted = lines.map((fields): readonly string[] => {
    if (fields === self) {
      const role = heir === undefined ? self[2] : self[2]?.replace("master", "slave");
      return [...self.slice(0, 2), role ?? "", heirId, ...self.slice(4, firstSlotField)];
    }
    if (fields === heir) return promoted(heir, self, slots);
    return fields[3] === selfId ? fields.with(3, heirId) : fields;
  });
  return demoted.map((fields) => fields.join(" ")).join("\n");
}

const firstSlotField = 8;
const epochField = 6;

function flagsOf(fields: readonly string[]): readonly string[] {
  return fields[2]?.split(",") ?? [];
}

/** The heir's line with the slots, as new as the claim that they were held by until now. */
function promoted(
  heir: readonly string[],
  self: readonly string[],
  slots: readonly string[],
): readonly string[] {
  const epoch = Math.max(Number(heir[epochField] ?? 0), Number(self[epochField] ?? 0));
  return [
    ...heir.slice(0, 2),
    ...[heir[2]?.replace("slave", "master") ?? "", "-", ...heir.slice(4, epochField)],
    ...[String(epoch), ...heir.slice(epochField + 1), ...slots],
  ];
}
