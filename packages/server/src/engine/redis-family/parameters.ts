import type { InstalledEngine } from "../../resources/engine-name.ts";
import { compareVersions } from "../../resources/engine-version.ts";
import type { Directive } from "../config-text.ts";

/** What Larder does with one AWS parameter (reference: user guide, "Redis-specific parameters"). */
interface Rule {
  /** The engine's directive of the same meaning; null where the control plane answers for it. */
  readonly directive: string | null;
  readonly allowed: RegExp;
  /** AWS's default, written when the parameter is absent because the engine's own differs. */
  readonly fallback?: string;
  /** The valkey version that knows the directive; absent: all of redis and valkey do. */
  readonly valkeyFrom?: string;
  /** Families whose groups do not have the parameter; the engine's own default stays. */
  readonly notIn?: readonly string[];
}

const whole = /^\d{1,19}$/;
const signed = /^-?\d{1,18}$/;
const yesNo = /^(yes|no)$/;
const policy = /^(volatile-(lru|lfu|random|ttl)|allkeys-(lru|lfu|random)|noeviction)$/;

const same = (allowed: RegExp, names: readonly string[]): readonly (readonly [string, Rule])[] =>
  names.map((name) => [name, { directive: name, allowed }]);
const native = (name: string, allowed: RegExp, fallback: string): readonly [string, Rule] => [
  name,
  { directive: name, allowed, fallback },
];
const ownedByLarder = (name: string, allowed: RegExp): readonly [string, Rule] => [
  name,
  { directive: null, allowed },
];

const rules: ReadonlyMap<string, Rule> = new Map<string, Rule>([
  ...same(whole, [
    ...["databases", "timeout", "tcp-keepalive", "slowlog-max-len", "acllog-max-len"],
    ...["active-defrag-ignore-bytes", "active-defrag-threshold-lower"],
    ...["active-defrag-threshold-upper", "active-defrag-max-scan-fields"],
    ...["lfu-log-factor", "lfu-decay-time", "client-query-buffer-limit", "proto-max-bulk-len"],
    ...["min-replicas-to-write", "min-replicas-max-lag", "repl-backlog-size"],
    ...["repl-backlog-ttl", "stream-node-max-bytes", "stream-node-max-entries"],
    ...["hash-max-listpack-entries", "hash-max-listpack-value", "zset-max-listpack-entries"],
    ...["zset-max-listpack-value", "set-max-intset-entries", "list-compress-depth"],
    ...["hll-sparse-max-bytes", "active-expire-effort", "tracking-table-max-keys"],
    ...["lua-time-limit"],
  ]),
  ...same(signed, ["slowlog-log-slower-than", "list-max-listpack-size"]),
  ...same(yesNo, [
    ...["activerehashing", "activedefrag", "replica-ignore-maxmemory"],
    ...["cluster-allow-reads-when-down", "cluster-allow-pubsubshard-when-down"],
  ]),
  ...same(/^[KEg$lshzxeAtdmn]*$/, ["notify-keyspace-events"]),
  native("maxmemory-policy", policy, "volatile-lru"),
  native("maxmemory-samples", whole, "3"),
  native("latency-tracking", yesNo, "no"),
  native("active-defrag-cycle-min", whole, "25"),
  native("active-defrag-cycle-max", whole, "75"),
  native("cluster-require-full-coverage", yesNo, "no"),
  native("acl-pubsub-default", /^(allchannels|resetchannels)$/, "allchannels"),
  ...["eviction", "expire", "server-del", "user-del"].map((what): readonly [string, Rule] => {
    const directive = `lazyfree-lazy-${what}`;
    return [directive, { directive, allowed: yesNo, fallback: "no", notIn: ["valkey8"] }];
  }),
  [
    "replica-lazy-flush",
    { directive: "replica-lazy-flush", allowed: yesNo, fallback: "yes", notIn: ["valkey8"] },
  ],
  [
    "extended-redis-compatibility",
    {
      ...{ directive: "extended-redis-compatibility", allowed: yesNo, fallback: "yes" },
      valkeyFrom: "8.0",
    },
  ],
  ...[
    ...["commandlog-request-larger-than", "commandlog-reply-larger-than"],
    ...["commandlog-large-request-max-len", "commandlog-large-reply-max-len"],
  ].map((name): readonly [string, Rule] => [
    name,
    { directive: name, allowed: signed, valkeyFrom: "8.1" },
  ]),
  // The guide spells this one in two ways.
  [
    "cluster-allow-pubsub-shard-when-down",
    { directive: "cluster-allow-pubsubshard-when-down", allowed: yesNo },
  ],
  // AWS lists "off" for both, its word for the engine's "no".
  ["appendonly", { directive: null, allowed: /^(yes|no|off)$/ }],
  ["appendfsync", { directive: null, allowed: /^(always|everysec|no|off)$/ }],
  // Rendered by settings.ts from several of them, or from the node type.
  ...["hard-limit", "soft-limit", "soft-seconds"].flatMap((part) =>
    ["normal", "pubsub", "replica"].map((kind) =>
      ownedByLarder(`client-output-buffer-limit-${kind}-${part}`, whole),
    ),
  ),
  ownedByLarder("maxmemory", whole),
  ownedByLarder("maxclients", whole),
  ownedByLarder("reserved-memory", whole),
  ownedByLarder("reserved-memory-percent", /^(\d{1,2}|100)$/),
  // Only what Larder does is accepted: a primary that becomes a replica always ends its clients'
  // connections, and replicas never feed replicas.
  ownedByLarder("close-on-replica-write", /^yes$/),
  ownedByLarder("replica-allow-chaining", /^no$/),
  ownedByLarder("cluster-enabled", yesNo),
  ownedByLarder("rename-commands", /^(none)?$/),
  ownedByLarder("cluster-preferred-endpoint-type", /^(ip|tls-dynamic)$/),
]);

/** A directive, and the parameters that it follows from. */
export interface Setting {
  readonly directive: Directive;
  readonly parameters: readonly string[];
}

/**
 * The directives of the parameters that an engine knows by itself.
 * @throws Error naming the parameter that is unknown or whose value the engine would not take
 */
export function parameterSettings(
  installed: InstalledEngine,
  parameters: Readonly<Record<string, string>>,
): readonly Setting[] {
  for (const [name, value] of Object.entries(parameters)) {
    const rule = rules.get(name);
    if (rule === undefined) throw new Error(`${installed.family} has no parameter ${quoted(name)}`);
    if (!rule.allowed.test(value)) {
      throw new Error(`parameter ${name} cannot be ${quoted(value)}`);
    }
  }
  return [...rules].flatMap(([name, rule]): Setting[] => {
    const given = Object.hasOwn(parameters, name) ? parameters[name] : undefined;
    const fallback = rule.notIn?.includes(installed.family) ? undefined : rule.fallback;
    const value = given ?? fallback;
    if (rule.directive === null || value === undefined || !knows(installed, rule)) return [];
    return [{ directive: [rule.directive, value], parameters: [name] }];
  });
}

/** Whether appendonly is on: the node then keeps its data as it goes. */
export function keepsData(parameters: Readonly<Record<string, string>>): boolean {
  return parameters["appendonly"] === "yes";
}

function knows(installed: InstalledEngine, rule: Rule): boolean {
  if (rule.valkeyFrom === undefined) return true;
  const { engine, binaryVersion } = installed;
  return engine === "valkey" && compareVersions(binaryVersion, rule.valkeyFrom) >= 0;
}

/** A value as a message may show it: short, and without characters that could forge a log line. */
function quoted(text: string): string {
  return JSON.stringify(text.slice(0, 64).replaceAll(/[^\x20-\x7e]/g, "?"));
}
