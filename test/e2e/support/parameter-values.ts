import {
  type Allowed,
  defaultValue,
  type ParameterDefinition,
} from "@larder/server/resources/parameters/definition.ts";
import type { NodeType } from "@larder/server/resources/node-type.ts";
import fc from "fast-check";

/** Values that a parameter takes: its bounds or choices first, then others. */
function samplesOf(definition: ParameterDefinition, seed: number): readonly string[] {
  const { allowed } = definition;
  return [...edgesOf(allowed), ...fc.sample(within(allowed), { numRuns: 4, seed })];
}

/** Values that a parameter does not take. */
export function outsideOf({ allowed }: ParameterDefinition): readonly string[] {
  switch (allowed.kind) {
    case "integer": {
      const near = [allowed.min - 1, allowed.max + 1].filter((one) => one !== allowed.also);
      return [...near.map(String), "", "x", `${allowed.min} `, `${allowed.min}.5`];
    }
    case "decimal":
      return [String(allowed.min - 0.01), String(allowed.max + 1), "1e1"];
    case "letters":
      return ["KEq", "KK", "K E"];
    case "choice":
    case "fixed":
      return ["", "no-such-value"];
  }
}

function edgesOf(allowed: Allowed): readonly string[] {
  switch (allowed.kind) {
    case "integer": {
      const also = allowed.also === undefined ? [] : [allowed.also];
      return [allowed.min, allowed.max, ...also].map(String);
    }
    case "decimal":
      return [allowed.min, allowed.max].map(String);
    case "letters":
      return ["", allowed.letters];
    case "choice":
      return allowed.values;
    case "fixed":
      return [];
  }
}

function within(allowed: Allowed): fc.Arbitrary<string> {
  switch (allowed.kind) {
    case "integer":
      return fc.integer({ min: allowed.min, max: allowed.max }).map(String);
    case "decimal":
      return fc
        .integer({ min: Math.ceil(allowed.min * 100), max: Math.floor(allowed.max * 100) })
        .map((hundredths) => String(hundredths / 100));
    case "letters":
      return fc.subarray([...allowed.letters]).map((letters) => letters.join(""));
    case "choice":
      return fc.constantFrom(...allowed.values);
    case "fixed":
      return fc.constant("");
  }
}

/** A whole set of values: the parameters by name, `round` choosing among each one's samples. */
export function valuesOf(
  definitions: readonly ParameterDefinition[],
  round: number,
): Readonly<Record<string, string>> {
  return Object.fromEntries(
    definitions.map((definition, index) => {
      const samples = samplesOf(definition, round * 1_000 + index);
      return [definition.name, samples[round % samples.length] ?? ""];
    }),
  );
}

type Values = Readonly<Record<string, string>>;

/** What CONFIG GET of a redis or valkey node says of a parameter's value. */
export function redisReading(name: string, value: string, nodeType: NodeType): Values {
  if (name === "reserved-memory-percent") {
    const usable = nodeType.maxMemoryBytes * (1 - Number(value) / 100);
    return { maxmemory: String(Math.max(1, Math.floor(usable))) };
  }
  if (name === "notify-keyspace-events") return { [name]: shownLetters(value) };
  // Both come to addresses while there is no TLS.
  if (name === "cluster-preferred-endpoint-type") return { [name]: "ip" };
  if (name === "rename-commands") return {};
  return { [name]: value };
}

/** Letters in one order; the engine writes A for a full set, and then leaves n out. */
function shownLetters(value: string): string {
  const full = [..."g$lshzxetd"];
  const letters = new Set(value);
  if (!letters.has("A") && !full.every((letter) => letters.has(letter))) {
    return [...letters].toSorted().join("");
  }
  const rest = [...letters].filter((letter) => "KEm".includes(letter));
  return ["A", ...rest].toSorted().join("");
}

/** CONFIG GET's answer in the terms of `redisReading`. */
export function readRedis(config: Values): Values {
  const classes = (config["client-output-buffer-limit"] ?? "").split(" ");
  const limits: Record<string, string> = {};
  for (let at = 0; at + 3 < classes.length; at += 4) {
    const kind = classes[at] === "slave" ? "replica" : classes[at];
    for (const [offset, part] of ["hard-limit", "soft-limit", "soft-seconds"].entries()) {
      limits[`client-output-buffer-limit-${kind}-${part}`] = classes[at + offset + 1] ?? "";
    }
  }
  const events = [...(config["notify-keyspace-events"] ?? "")].toSorted().join("");
  return { ...config, ...limits, "notify-keyspace-events": events };
}

const onOff = (name: string, on: string) => (value: string) => ({
  [name]: value === on ? "yes" : "no",
});
const same = (name: string) => (value: string) => ({ [name]: value });

/** What `stats settings` of a memcached node calls the parameters, and how it writes values. */
const memcachedReadings: Readonly<Record<string, (value: string) => Values>> = {
  binding_protocol: (value) => ({
    binding_protocol: value === "auto" ? "auto-negotiate" : value,
  }),
  cas_disabled: onOff("cas_enabled", "0"),
  chunk_size: same("chunk_size"),
  chunk_size_growth_factor: (value) => ({ growth_factor: Number(value).toFixed(2) }),
  disable_flush_all: onOff("flush_enabled", "0"),
  error_on_memory_exhausted: (value) => ({ evictions: value === "1" ? "off" : "on" }),
  hash_algorithm: same("hash_algorithm"),
  idle_timeout: same("idle_timeout"),
  "lru_crawler metadump": onOff("dump_enabled", "enabled"),
  max_item_size: same("item_size_max"),
  slab_chunk_max: same("slab_chunk_max"),
  track_sizes: onOff("track_sizes", "enabled"),
  watcher_logbuf_size: (value) => ({ watcher_logbuf_size: String(Number(value) * 1_024) }),
};

/** What no_modern being 0 switches on; otherwise each has its own parameter. */
const features: Readonly<Record<string, string>> = {
  lru_crawler: "lru_crawler",
  lru_maintainer: "lru_maintainer_thread",
  maxconns_fast: "maxconns_fast",
  slab_reassign: "slab_reassign",
};

/** What `stats settings` of a memcached node says of a whole set of values. */
export function memcachedReading(
  definitions: readonly ParameterDefinition[],
  nodeType: NodeType,
  set: Values,
): Values {
  const value = (name: string) => {
    const definition = definitions.find((one) => one.name === name);
    return set[name] ?? (definition === undefined ? "" : defaultValue(definition, nodeType));
  };
  const modern = value("no_modern") === "0";
  const overheadMb = Number(value("memcached_connections_overhead"));
  const itemBytes = ((nodeType.memcachedMb ?? 0) - overheadMb) * 1_048_576;
  return {
    ...Object.assign({}, ...Object.entries(memcachedReadings).map(([n, read]) => read(value(n)))),
    ...Object.fromEntries(
      Object.entries(features).map(([name, shown]) => [
        shown,
        modern || value(name) === "1" ? "yes" : "no",
      ]),
    ),
    slab_automove: modern && value("slab_automove") === "0" ? "1" : value("slab_automove"),
    maxbytes: String(itemBytes),
  };
}
