import type { OperationName } from "@larder/server/services/elasticache/operation.ts";

/** A request that a caller should not have sent, and what it gets. */
export interface BadRequest {
  readonly operation: OperationName;
  readonly input: object;
  readonly code: string;
  /** What the message must say, above all the parameter's name. */
  readonly message: RegExp;
}

/** The node type of whatever bad requests ask for or meet. */
export const small = "cache.t4g.small";

/** What every replication group of the bad requests is described as. */
export const description = "for bad requests";

export function bad(
  operation: OperationName,
  input: object,
  code: string,
  message: RegExp,
): BadRequest {
  return { operation, input, code, message };
}

export function cluster(id: string) {
  return { CacheClusterId: id, CacheNodeType: small };
}

export function group(id: string, parameterGroup = "default.redis7") {
  return {
    ReplicationGroupId: id,
    ReplicationGroupDescription: description,
    CacheNodeType: small,
    CacheParameterGroupName: parameterGroup,
  };
}
