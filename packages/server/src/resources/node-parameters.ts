import type { NodeSpec, NodeStatus } from "./node.ts";
import { parameterChanges } from "./parameters/changes.ts";

type Values = Readonly<Record<string, string>>;

/**
 * The parameters that are to change on the node's running process: not those that wait for its next
 * start, and not those whose values its engine refused.
 */
export function parametersToApply(
  family: string,
  wanted: Values,
  { parameters, refusedParameters }: Pick<NodeStatus, "parameters" | "refusedParameters">,
): readonly string[] {
  return parameterChanges(family, parameters, wanted).immediate.filter(
    (name) => refusedParameters[name] !== wanted[name],
  );
}

/** What a launch takes: what this node's engine refused while it ran would keep it from starting. */
export function parametersAtLaunch(spec: NodeSpec, status: NodeStatus): Values {
  const refused = Object.keys(status.refusedParameters).filter(
    (name) => status.refusedParameters[name] === spec.parameters[name],
  );
  return { ...spec.parameters, ...pick(status.parameters, refused) };
}

/** The status once the engine was asked to take over `names`, and refused some of them. */
export function withParametersApplied(
  status: NodeStatus,
  asked: Values,
  names: readonly string[],
  refused: readonly string[],
): NodeStatus {
  const taken = names.filter((name) => !refused.includes(name));
  const stillRefused = Object.keys(status.refusedParameters).filter(
    (name) => !taken.includes(name),
  );
  return {
    ...status,
    parameters: { ...status.parameters, ...pick(asked, taken) },
    refusedParameters: { ...pick(status.refusedParameters, stillRefused), ...pick(asked, refused) },
  };
}

function pick(values: Values, names: readonly string[]): Values {
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = values[name];
      return value === undefined ? [] : [[name, value]];
    }),
  );
}
