import { bad, type BadRequest } from "./bad-request.ts";

const value = "InvalidParameterValue";
const absent = { ServiceUpdateName: "absent" };
const tooMany = Array.from({ length: 21 }, (_, index) => `shop-${index}`);

/** Bad requests about service updates. What is wrong with one cache of several is no error. */
export const badUpdateRequests: readonly BadRequest[] = [
  bad("DescribeServiceUpdates", absent, "ServiceUpdateNotFoundFault", /absent/),
  bad("DescribeServiceUpdates", { ServiceUpdateStatus: ["old"] }, value, /ServiceUpdateStatus/),
  bad("DescribeServiceUpdates", { MaxRecords: 19 }, value, /MaxRecords/),
  bad("DescribeServiceUpdates", { Marker: "x" }, value, /Marker/),
  bad("DescribeUpdateActions", { ServiceUpdateStatus: ["old"] }, value, /ServiceUpdateStatus/),
  bad("DescribeUpdateActions", { UpdateActionStatus: ["done"] }, value, /UpdateActionStatus/),
  bad("DescribeUpdateActions", { ReplicationGroupIds: tooMany }, value, /at most 20/),
  bad("DescribeUpdateActions", { MaxRecords: 101 }, value, /MaxRecords/),
  ...(["BatchApplyUpdateAction", "BatchStopUpdateAction"] as const).flatMap((operation) => [
    bad(
      operation,
      { ...absent, ReplicationGroupIds: ["shop"] },
      ...(["ServiceUpdateNotFoundFault", /absent/] as const),
    ),
    bad(operation, { ...absent, CacheClusterIds: tooMany }, value, /at most 20/),
    bad(operation, absent, "InvalidParameterCombination", /ReplicationGroupIds/),
  ]),
];
