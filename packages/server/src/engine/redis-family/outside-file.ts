import { createHash } from "node:crypto";
import { type Address, busPortOf, formatAddress, sameAddress } from "../../resources/address.ts";
import type { SlotRange } from "../../resources/slots.ts";
import type { OutsideShard } from "../../resources/upstream.ts";

/*
 * A node in cluster mode follows only nodes of its own cluster. To have it follow one that is in no
 * cluster, or in another, it is started with a file by which that one is of its own. The engines'
 * replication asks no more. The outsider never answers on its cluster bus, so nothing else comes of
 * it: the node copies its data, and sends clients of the cluster there.
 */

/** Nobody speaks the bus's protocol there, whatever listens at the outsider's address. */
const noBusPort = 1;

/**
 * What a node at `own` is to know when it starts: that it is a replica of the one at `following`, and
 * whose slots are. Who else is in its cluster it is told later.
 * @param text what it wrote of its cluster before, if anything
 * @param knowsShards whether the engine has ids for shards: in another one than its primary, a replica
 *   would copy everything again once one of its fellows takes over
 */
export function replicaOfOutsider(
  text: string | null,
  own: Address,
  following: Address,
  outside: readonly OutsideShard[],
  knowsShards: boolean,
): string {
  const followed = outside.find(({ primary }) => sameAddress(primary, following));
  if (followed === undefined) {
    throw new Error(`${formatAddress(following)} is not among the shards that are followed`);
  }
  // Whatever claims the node heard of before, those of the outsiders are newer.
  const epoch = Number(/currentEpoch (\d{1,15})/.exec(text ?? "")?.[1] ?? 0);
  // Others may know the node by the id that it had.
  const self = /^([0-9a-f]{40}) \S+ myself,/m.exec(text ?? "")?.[1] ?? idOf(formatAddress(own));
  const placeOf = (address: Address, busPort: number, id: string) =>
    `${formatAddress(address)}@${busPort}${knowsShards ? `,,shard-id=${idOf(`shard ${id}`)}` : ""}`;
  const selfAt = placeOf(own, busPortOf(own), followed.id);
  return [
    `${self} ${selfAt} myself,slave ${idOf(followed.id)} 0 0 0 connected`,
    ...outside.map(
      ({ id, primary, slots }, index) =>
        `${idOf(id)} ${placeOf(primary, noBusPort, id)} master - 0 0 ${epoch + index + 1} connected` +
        slots.map(slotField).join(""),
    ),
    `vars currentEpoch ${epoch + outside.length} lastVoteEpoch 0`,
    "",
  ].join("\n");
}

function slotField({ first, last }: SlotRange): string {
  return first === last ? ` ${first}` : ` ${first}-${last}`;
}

/** A cluster's ids are 40 hexadecimal digits; all nodes of a cluster are to know the same one. */
function idOf(name: string): string {
  return createHash("sha1").update(`larder ${name}`).digest("hex");
}
