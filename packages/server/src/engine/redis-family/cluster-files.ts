import { isClusterMode } from "../../resources/cluster-mode.ts";
import type { FileChange } from "../../resources/launch-plan.ts";
import type { LaunchRequest } from "../engine.ts";
import { clusterFile, demoteSelf, mendClusterFile } from "./cluster-file.ts";
import { replicaOfOutsider } from "./outside-file.ts";

/** The engine's own files that a launch has to change. */
export function clusterFiles(request: LaunchRequest): Readonly<Record<string, FileChange>> {
  const { installed, address, parameters, following, outside, startsEmpty } = request;
  // What a node knew of a cluster is stale once it is in none.
  if (!isClusterMode(parameters)) return { [clusterFile]: null };
  if (following !== null && outside.length > 0) {
    // Redis 7.0 has none, and takes for a name what it does not know.
    const knowsShards = installed.engine === "valkey";
    return {
      [clusterFile]: (text) => replicaOfOutsider(text, address, following, outside, knowsShards),
    };
  }
  const demotes = following !== null && startsEmpty;
  return {
    [clusterFile]: (text) => {
      if (text === null) return null;
      return mendClusterFile(demotes ? demoteSelf(text, following) : text);
    },
  };
}
