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
