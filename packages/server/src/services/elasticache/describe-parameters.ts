import type { CacheNodeTypeSpecificParameter, Parameter } from "@aws-sdk/client-elasticache";
import { assert } from "../../base/assert.ts";
import { Fault } from "../../aws/fault.ts";
import { page } from "../../aws/pagination.ts";
import { nodeTypes } from "../../resources/node-types.ts";
import { allowedText, type ParameterDefinition } from "../../resources/parameters/definition.ts";
import { type Family, findFamily } from "../../resources/parameters/families.ts";
import { required } from "./identifiers.ts";
import { isKnownToEngine } from "./known-parameters.ts";
import type { ElastiCacheCall, Operation } from "./operation.ts";
import { requireFamily, requireParameterGroup } from "./parameter-groups.ts";

/** Who chose a value: the caller, or AWS for the service. Nothing is left to the engine. */
const sources = ["user", "system", "engine-default"] as const;
type Source = (typeof sources)[number];

interface Row {
  readonly definition: ParameterDefinition;
  readonly source: Source;
  readonly setTo: string | undefined;
}

export const describeCacheParameters: Operation<"DescribeCacheParameters"> = (input, call) => {
  const name = required("CacheParameterGroupName", input.CacheParameterGroupName);
  const source = requireSource(input.Source);
  const group = requireParameterGroup(call, name);
  const family = knownFamily(group.family);
  const rows = rowsOf(family, group.values).filter(
    (row) => source === undefined || row.source === source,
  );
  const { page: shown, ...next } = page(rows, input, {
    operation: "DescribeCacheParameters",
    keyOf: ({ definition }) => definition.name,
  });
  return { ...next, ...described(call, family, shown) };
};

export const describeEngineDefaultParameters: Operation<"DescribeEngineDefaultParameters"> = (
  input,
  call,
) => {
  const family = knownFamily(requireFamily(input.CacheParameterGroupFamily));
  const { page: shown, ...next } = page(rowsOf(family, {}), input, {
    operation: "DescribeEngineDefaultParameters",
    keyOf: ({ definition }) => definition.name,
  });
  const common = { CacheParameterGroupFamily: family.name };
  return { EngineDefaults: { ...common, ...next, ...described(call, family, shown) } };
};

function rowsOf(family: Family, values: Readonly<Record<string, string>>): readonly Row[] {
  return family.definitions.map((definition) => {
    const setTo = values[definition.name];
    return { definition, setTo, source: setTo === undefined ? "system" : "user" };
  });
}

function described(
  call: ElastiCacheCall,
  family: Family,
  rows: readonly Row[],
): {
  Parameters: Parameter[];
  CacheNodeTypeSpecificParameters: CacheNodeTypeSpecificParameter[];
} {
  const Parameters: Parameter[] = [];
  const CacheNodeTypeSpecificParameters: CacheNodeTypeSpecificParameter[] = [];
  for (const row of rows) {
    const { value } = row.definition;
    if (typeof value === "string") {
      Parameters.push({ ...facts(call, family, row), ParameterValue: row.setTo ?? value });
    } else {
      const CacheNodeTypeSpecificValues = valuesByNodeType(family, value);
      CacheNodeTypeSpecificParameters.push({
        ...facts(call, family, row),
        CacheNodeTypeSpecificValues,
      });
    }
  }
  return { Parameters, CacheNodeTypeSpecificParameters };
}

function facts(
  call: ElastiCacheCall,
  family: Family,
  { definition, source }: Row,
): Omit<Parameter, "ParameterValue"> {
  return {
    ParameterName: definition.name,
    Description: definition.description,
    Source: source,
    DataType: definition.dataType,
    AllowedValues: allowedText(definition.allowed),
    IsModifiable: definition.modifiable && isKnownToEngine(call, family, definition),
    MinimumEngineVersion: definition.minimumEngineVersion,
    ChangeType: definition.changeType,
  };
}

function valuesByNodeType(
  family: Family,
  value: Exclude<ParameterDefinition["value"], string>,
): { CacheNodeType: string; Value: string }[] {
  return nodeTypes
    .filter(({ memcachedMb }) => family.engine !== "memcached" || memcachedMb !== null)
    .map((nodeType) => ({ CacheNodeType: nodeType.name, Value: value(nodeType) }));
}

function knownFamily(name: string): Family {
  const family = findFamily(name);
  assert(family !== undefined, `${name} is the family of a group, or was checked`);
  return family;
}

function requireSource(asked: string | undefined): Source | undefined {
  if (asked === undefined) return undefined;
  const source = sources.find((one) => one === asked);
  if (source !== undefined) return source;
  throw new Fault("InvalidParameterValue", `Source must be one of ${sources.join(", ")}.`);
}
