import { vulnerabilitiesOf } from "../../resources/vulnerabilities/vulnerability.ts";
import type { Directive } from "../config-text.ts";
import type { NodeSettings } from "../engine.ts";
import { type Setting, parameterSettings } from "./parameters.ts";

/** AWS reserves a quarter of the memory unless the parameter group says otherwise. */
const reservedPercentDefault = 25;

/** Every directive that follows from parameters, at a node's start and while it runs. */
export function settingsOf(settings: NodeSettings): readonly Setting[] {
  const { installed, parameters } = settings;
  return [
    ...parameterSettings(installed, parameters),
    {
      directive: ["maxmemory", String(usableBytes(settings))],
      parameters: ["maxmemory", "reserved-memory", "reserved-memory-percent"],
    },
    { directive: ["appendfsync", fsyncOf(parameters)], parameters: ["appendfsync"] },
    ...outputBufferSettings(settings),
  ];
}

/** The node's memory less what the group reserves; at least 1, since 0 would mean no limit. */
export function usableBytes({
  nodeType,
  parameters,
}: Pick<NodeSettings, "nodeType" | "parameters">): number {
  const nodeBytes = nodeType.maxMemoryBytes;
  const percent = parameters["reserved-memory-percent"];
  const bytes = parameters["reserved-memory"];
  const reserved =
    percent === undefined && bytes !== undefined && bytes !== "0"
      ? Number(bytes)
      : (nodeBytes * Number(percent ?? reservedPercentDefault)) / 100;
  return Math.max(1, Math.floor(nodeBytes - reserved));
}

function outputBufferSettings({
  nodeType,
  parameters,
  installed,
}: NodeSettings): readonly Setting[] {
  const limits = (kind: string, fallbacks: readonly [string, string, string]): Setting => {
    const names = ["hard-limit", "soft-limit", "soft-seconds"].map(
      (part) => `client-output-buffer-limit-${kind}-${part}`,
    );
    const figures = names.map((name, index) => parameters[name] ?? fallbacks[index] ?? "0");
    return { directive: ["client-output-buffer-limit", kind, ...figures], parameters: names };
  };
  const tenth = String(Math.floor(nodeType.maxMemoryBytes / 10));
  const normal = limits("normal", ["0", "0", "0"]);
  const bounded = vulnerabilitiesOf(installed).some(({ guard }) => guard?.boundsOutput === true);
  return [
    bounded
      ? { ...normal, directive: withHardLimit(normal.directive, nodeType.maxMemoryBytes) }
      : normal,
    limits("pubsub", ["33554432", "8388608", "60"]),
    limits("replica", [tenth, tenth, "60"]),
  ];
}

/** A limit that is off becomes one: no honest reply is larger than everything a node can hold. */
function withHardLimit([name, kind, hard, ...rest]: Directive, bytes: number): Directive {
  return [name, kind ?? "", hard === "0" ? String(bytes) : (hard ?? ""), ...rest];
}

function fsyncOf(parameters: Readonly<Record<string, string>>): string {
  const value = parameters["appendfsync"] ?? "off";
  return value === "off" ? "everysec" : value;
}
