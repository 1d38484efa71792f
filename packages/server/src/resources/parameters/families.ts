import type { EngineName } from "../engine-name.ts";
import { compareVersions } from "../engine-version.ts";
import type { ParameterDefinition } from "./definition.ts";
import { memcached16 } from "./memcached.ts";
import { redis7 } from "./redis7.ts";
import { valkey8 } from "./valkey8.ts";

/** A parameter group family: the parameters of the engine versions that share them. */
export interface Family {
  /** E.g. "redis7". */
  readonly name: string;
  readonly engine: EngineName;
  /** In order of name. */
  readonly definitions: readonly ParameterDefinition[];
}

/** The families that Larder knows. */
export const families: readonly Family[] = [
  family("memcached1.6", "memcached", memcached16, "0"),
  family("redis7", "redis", redis7, "0"),
  family("valkey7", "valkey", redis7, "7.2.0"),
  family("valkey8", "valkey", valkey8, "8.0.0"),
];

/** The family of that name. */
export function findFamily(name: string): Family | undefined {
  return families.find((one) => one.name === name);
}

/** The definition of a parameter, by AWS's name. */
export function findParameter(from: Family, name: string): ParameterDefinition | undefined {
  return from.definitions.find((definition) => definition.name === name);
}

/** A parameter group that is always there and never changes. */
export interface DefaultGroup {
  readonly name: string;
  readonly family: string;
  readonly description: string;
  readonly values: Readonly<Record<string, string>>;
}

/** The default groups of every family, in order of name. */
export function defaultGroups(): readonly DefaultGroup[] {
  return families.flatMap(({ name, engine }) => {
    const description = `Default parameter group for ${name}`;
    const plain = { name: `default.${name}`, family: name, description, values: {} };
    return engine === "memcached" ? [plain] : [plain, clusterModeGroup(name)];
  });
}

function clusterModeGroup(familyName: string): DefaultGroup {
  return {
    name: `default.${familyName}.cluster.on`,
    family: familyName,
    description: `Customized default parameter group for ${familyName} with cluster mode on`,
    values: { "cluster-enabled": "yes" },
  };
}

/** @param first the family's first engine version: no parameter of it is older */
function family(
  name: string,
  engine: EngineName,
  definitions: readonly ParameterDefinition[],
  first: string,
): Family {
  const dated = definitions.map((definition) =>
    compareVersions(definition.minimumEngineVersion, first) < 0
      ? { ...definition, minimumEngineVersion: first }
      : definition,
  );
  // The order of UTF-16 units, so that it is the same on every machine.
  dated.sort((a, b) => (a.name < b.name ? -1 : 1));
  return { name, engine, definitions: dated };
}
