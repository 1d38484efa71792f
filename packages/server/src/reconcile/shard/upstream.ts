import type { Address } from "../../resources/address.ts";
import type { Resource } from "../../resources/resource.ts";
import type { UpstreamLink } from "../../resources/upstream.ts";
import { follows } from "./endpoints.ts";
import { followsOutside } from "./outside.ts";
import { addressOf, type SeenMember } from "./seen.ts";
import type { ShardStep } from "./steps.ts";

/*
 * A shard may have an upstream: its primary is then a replica of an engine outside the shard, and
 * the primary of everyone inside it. What is asked of a primary elsewhere goes through here.
 */

/** Whether the member is what the shard's primary is to be: one that takes writes, or a follower. */
export function actsAsPrimary(shard: Resource<"shard">, member: SeenMember | undefined): boolean {
  if (member === undefined) return false;
  if (shard.spec.upstream === null) return member.view?.role === "primary";
  const upstream = upstreamOf(shard, member);
  return upstream !== null && follows(member, upstream);
}

/** Brings the primary into its role. */
export function takeRole(
  shard: Resource<"shard">,
  primary: SeenMember | undefined,
): readonly ShardStep[] {
  if (primary === undefined || primary.view === null || actsAsPrimary(shard, primary)) return [];
  if (followsOutside(shard)) return [];
  const { upstream } = shard.spec;
  const address = upstreamOf(shard, primary);
  if (upstream === null) return [{ do: "promote", node: primary.id }];
  return address === null
    ? []
    : [{ do: "follow-upstream", node: primary.id, upstream: address, login: upstream }];
}

/** How the primary stands to the upstream; null without one. */
export function upstreamLinkOf(
  shard: Resource<"shard">,
  primary: SeenMember | undefined,
): UpstreamLink | null {
  const { upstream } = shard.spec;
  if (upstream === null) return null;
  const link = primary?.view?.link ?? null;
  if (link === null || !actsAsPrimary(shard, primary)) return "down";
  if (upstream.kind === "none") return "fenced";
  return link.up ? "up" : link.syncing ? "syncing" : "down";
}

/**
 * Where the primary is to read from. One that is to follow nobody follows itself: the engine then
 * refuses writes, keeps its data and its place in the stream, and never gets further than being
 * told that it cannot be followed yet.
 */
function upstreamOf(shard: Resource<"shard">, primary: SeenMember): Address | null {
  const { upstream } = shard.spec;
  if (upstream === null) return null;
  return upstream.kind === "none" ? addressOf(primary) : upstream.address;
}
