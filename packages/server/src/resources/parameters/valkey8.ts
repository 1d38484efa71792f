import { from, type ParameterDefinition, sizeBytesMax, yesNo } from "./definition.ts";
import { lazyFreeing } from "./redis7-memory.ts";
import { redis7 } from "./redis7.ts";
import { settable } from "./rows.ts";

const dropped = new Set(lazyFreeing.map((definition) => definition.name));

/** Where valkey8 differs from redis7 beside what it dropped. */
const changes: Readonly<Record<string, Partial<ParameterDefinition>>> = {
  "maxmemory-samples": { allowed: from(1, 64) },
  "repl-backlog-size": { value: "10485760" },
};

/** The parameters of valkey8 (AWS user guide, "Valkey and Redis OSS parameters"). */
export const valkey8: readonly ParameterDefinition[] = [
  ...redis7
    .filter((definition) => !dropped.has(definition.name))
    .map((definition) => ({ ...definition, ...changes[definition.name] })),
  settable(
    "extended-redis-compatibility",
    "yes",
    yesNo,
    "8.0.0",
    "Whether the engine calls itself Redis where clients look for that name.",
  ),
  settable(
    "commandlog-request-larger-than",
    "1048576",
    from(-1, sizeBytesMax),
    "8.1.0",
    "Bytes from which a request is logged as large; -1 for none.",
  ),
  settable(
    "commandlog-reply-larger-than",
    "1048576",
    from(-1, sizeBytesMax),
    "8.1.0",
    "Bytes from which a reply is logged as large; -1 for none.",
  ),
  settable(
    "commandlog-large-request-max-len",
    "128",
    from(0, 1_024),
    "8.1.0",
    "How many large requests are kept.",
  ),
  settable(
    "commandlog-large-reply-max-len",
    "128",
    from(0, 1_024),
    "8.1.0",
    "How many large replies are kept.",
  ),
];
