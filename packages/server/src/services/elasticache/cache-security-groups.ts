import { Fault } from "../../aws/fault.ts";
import { page } from "../../aws/pagination.ts";
import type { Operation } from "./operation.ts";

/**
 * What AWS answers in an account without EC2-Classic, which is every account today: cache security
 * groups were for caches outside a VPC, and there are none.
 */
export const cacheSecurityGroupsNotPermitted =
  "Use of cache security groups is not permitted in this API version for your account.";

export const createCacheSecurityGroup: Operation<"CreateCacheSecurityGroup"> = notPermitted;
export const deleteCacheSecurityGroup: Operation<"DeleteCacheSecurityGroup"> = notPermitted;
export const authorizeCacheSecurityGroupIngress: Operation<"AuthorizeCacheSecurityGroupIngress"> =
  notPermitted;
export const revokeCacheSecurityGroupIngress: Operation<"RevokeCacheSecurityGroupIngress"> =
  notPermitted;

/** Looking is no use of one: tools that take stock of an account get an empty list. */
export const describeCacheSecurityGroups: Operation<"DescribeCacheSecurityGroups"> = (input) => {
  if (input.CacheSecurityGroupName) {
    throw new Fault(
      "CacheSecurityGroupNotFound",
      `CacheSecurityGroup ${input.CacheSecurityGroupName} not found.`,
    );
  }
  const { page: CacheSecurityGroups, ...next } = page<never>([], input, {
    operation: "DescribeCacheSecurityGroups",
    keyOf: String,
  });
  return { ...next, CacheSecurityGroups };
};

function notPermitted(): never {
  throw new Fault("InvalidParameterValue", cacheSecurityGroupsNotPermitted);
}
