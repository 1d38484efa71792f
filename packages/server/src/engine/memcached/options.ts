import { isIP } from "node:net";
import type { LaunchRequest } from "../engine.ts";

/** What one AWS parameter becomes on memcached's command line. */
interface Rule {
  readonly allowed: RegExp;
  /** Arguments for a value; absent where the value has no argument of its own. */
  readonly args?: (value: string) => readonly string[];
  /** Parts of `-o` for a value. */
  readonly extended?: (value: string) => readonly string[];
}

const whole = /^\d{1,10}$/;
const flag = /^[01]$/;
const enabled = /^(enabled|disabled)$/;

const value = (letter: string, allowed: RegExp): Rule => ({
  allowed,
  args: (given) => [letter, given],
});
const switched = (letter: string, allowed: RegExp, on: string): Rule => ({
  allowed,
  args: (given) => (given === on ? [letter] : []),
});
const extendedFlag = (name: string): Rule => ({
  allowed: flag,
  extended: (given) => (given === "1" ? [name] : []),
});
const extendedValue = (name: string, allowed: RegExp, unless?: string): Rule => ({
  allowed,
  extended: (given) => (given === unless ? [] : [`${name}=${given}`]),
});
const noOption = (allowed: RegExp): Rule => ({ allowed });

/**
 * The parameters of memcached1.6 (user guide, "Memcached specific parameters"). The flags of newer
 * features are 0 by default and only ever switch on: what switches them off is `no_modern`.
 */
const rules: ReadonlyMap<string, Rule> = new Map<string, Rule>([
  // First, because it resets what the others then set.
  ["no_modern", extendedFlag("no_modern")],
  ["backlog_queue_limit", value("-b", whole)],
  ["binding_protocol", value("-B", /^(ascii|auto)$/)],
  ["cas_disabled", switched("-C", flag, "1")],
  ["chunk_size", value("-n", whole)],
  ["chunk_size_growth_factor", value("-f", /^\d{1,3}(\.\d{1,6})?$/)],
  ["disable_flush_all", switched("-F", flag, "1")],
  ["error_on_memory_exhausted", switched("-M", flag, "1")],
  ["hash_algorithm", extendedValue("hash_algorithm", /^(jenkins|murmur3)$/)],
  ["hashpower_init", extendedValue("hashpower", /^(1[2-9]|2\d|3[0-2])$/)],
  ["idle_timeout", extendedValue("idle_timeout", whole, "0")],
  ["large_memory_pages", switched("-L", flag, "1")],
  ["lock_down_paged_memory", switched("-k", flag, "1")],
  ["lru_crawler", extendedFlag("lru_crawler")],
  ["lru_crawler metadump", switched("-X", enabled, "disabled")],
  ["lru_maintainer", extendedFlag("lru_maintainer")],
  ["max_item_size", value("-I", /^\d{4,10}$/)],
  ["maxconns_fast", extendedFlag("maxconns_fast")],
  ["maximize_core_file_limit", switched("-r", /^[01]?$/, "1")],
  ["requests_per_event", value("-R", whole)],
  ["slab_automove", extendedValue("slab_automove", /^[012]$/, "0")],
  // In bytes, though memcached's own help says kilobytes. Always given: no_modern changes it.
  ["slab_chunk_max", extendedValue("slab_chunk_max", whole)],
  ["slab_reassign", extendedFlag("slab_reassign")],
  [
    "track_sizes",
    { allowed: enabled, extended: (given) => (given === "enabled" ? ["track_sizes"] : []) },
  ],
  ["watch", switched("-W", enabled, "disabled")],
  ["watcher_logbuf_size", extendedValue("watcher_logbuf_size", whole)],
  // From the node type, below.
  ["max_cache_memory", noOption(whole)],
  ["num_threads", noOption(whole)],
  ["max_simultaneous_connections", noOption(whole)],
  ["memcached_connections_overhead", noOption(whole)],
  // 1.6.18 reads the number as slab sizes too, and then keeps hardly any items.
  ["worker_logbuf_size", noOption(whole)],
  // AWS's own discovery store, and an option that 1.5.16 made meaningless.
  ["config_max", noOption(whole)],
  ["config_size_max", noOption(whole)],
  ["inline_ascii_resp", noOption(flag)],
]);

/** AWS's defaults that differ from memcached's own. */
const defaults: Readonly<Record<string, string>> = {
  no_modern: "1",
  hash_algorithm: "jenkins",
  hashpower_init: "16",
  "lru_crawler metadump": "disabled",
  max_item_size: "1048576",
};

const connectionsMax = 65_000;
const overheadMbDefault = 100;
/** Memcached keeps a few files open besides its connections. */
const otherFilesMax = 64;

/**
 * The command line of a node; memcached has no configuration file, and no secrets.
 * @param openFilesMax the process's hard limit: memcached ends at once when it asks for more
 * connections than that, so that it gets fewer than AWS's 65,000 where the limit is lower
 * @throws Error naming the parameter that is unknown, malformed or impossible on the node type
 */
export function nodeArguments(request: LaunchRequest, openFilesMax: number): readonly string[] {
  const { nodeType, address } = request;
  const given = { ...defaults, ...request.parameters };
  refuseMalformed(given);
  const memoryMb = itemMemoryMb(request);
  refuseUnfit(given, memoryMb);
  if (isIP(address.host) === 0) throw new Error("a node's host must be an IP address");
  if (!Number.isInteger(address.port) || address.port < 1 || address.port > 65_535) {
    throw new Error("a node's port must be from 1 to 65535");
  }
  // Map order, not the caller's: no_modern has to come first.
  const known = [...rules].flatMap(([name, rule]) =>
    Object.hasOwn(given, name) ? [{ rule, text: given[name] ?? "" }] : [],
  );
  const extended = known.flatMap(({ rule, text }) => rule.extended?.(text) ?? []);
  const asked = Number(given["max_simultaneous_connections"] ?? connectionsMax);
  return [
    ...["-l", address.host, "-p", String(address.port), "-U", "0", "-m", String(memoryMb)],
    ...["-t", String(Math.max(2, nodeType.memcachedThreads ?? nodeType.vcpus))],
    ...["-c", String(Math.min(asked, Math.max(1, openFilesMax - otherFilesMax)))],
    ...known.flatMap(({ rule, text }) => rule.args?.(text) ?? []),
    ...(extended.length === 0 ? [] : ["-o", extended.join(",")]),
  ];
}

function itemMemoryMb({ nodeType, parameters }: LaunchRequest): number {
  if (nodeType.memcachedMb === null) throw new Error(`${nodeType.name} does not run memcached`);
  const overheadMb = Number(parameters["memcached_connections_overhead"] ?? overheadMbDefault);
  const memoryMb = nodeType.memcachedMb - overheadMb;
  if (memoryMb < 1) {
    throw new Error(`memcached_connections_overhead leaves no memory on ${nodeType.name}`);
  }
  return memoryMb;
}

function refuseMalformed(given: Readonly<Record<string, string>>): void {
  for (const [name, text] of Object.entries(given)) {
    const rule = rules.get(name);
    const shown = JSON.stringify(name.slice(0, 64).replaceAll(/[^\x20-\x7e]/g, "?"));
    if (rule === undefined) throw new Error(`memcached1.6 has no parameter ${shown}`);
    if (!rule.allowed.test(text)) throw new Error(`parameter ${shown} has a wrong value`);
  }
}

/** What memcached would end itself over, said in words. */
function refuseUnfit(given: Readonly<Record<string, string>>, memoryMb: number): void {
  const itemBytes = Number(given["max_item_size"]);
  if (itemBytes < 1_024 || itemBytes > 1_073_741_824) {
    throw new Error("max_item_size must be from 1024 to 1073741824");
  }
  if (itemBytes > (memoryMb * 1_048_576) / 2) {
    throw new Error("max_item_size cannot be more than half of the node's memory");
  }
  const chunkText = given["slab_chunk_max"] ?? "524288";
  const chunkBytes = Number(chunkText);
  if (chunkText !== "524288" && (chunkBytes < 1_024 || itemBytes % chunkBytes !== 0)) {
    throw new Error("max_item_size must be a multiple of slab_chunk_max");
  }
}
