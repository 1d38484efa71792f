import { bad, type BadRequest } from "./bad-request.ts";

const value = "InvalidParameterValue";
const securityGroup = { CacheSecurityGroupName: "web" };
const ingress = {
  ...securityGroup,
  EC2SecurityGroupName: "web",
  EC2SecurityGroupOwnerId: "000000000000",
};

/** An offering that there is. */
export const offering = { ReservedCacheNodesOfferingId: "9709c796-ff23-8a91-a1d4-7ecca67b08bb" };

/** Bad requests for reservations and for what AWS's first accounts had. */
export const badReservationRequests: readonly BadRequest[] = [
  badPurchase({ ReservedCacheNodesOfferingId: "x" }, "ReservedCacheNodesOfferingNotFound", /: x$/),
  badPurchase({ ReservedCacheNodeId: "Spring" }, "ReservedCacheNodeAlreadyExists", /spring/),
  badPurchase({ ReservedCacheNodeId: "a_b" }, value, /ReservedCacheNodeId/),
  badPurchase({ CacheNodeCount: 0 }, value, /CacheNodeCount/),
  badPurchase({ CacheNodeCount: 300 }, "ReservedCacheNodeQuotaExceeded", /at most 300/),
  badPurchase({ Tags: [{ Key: "aws:x", Value: "1" }] }, value, /aws:/),
  ...(["DescribeReservedCacheNodes", "DescribeReservedCacheNodesOfferings"] as const).flatMap(
    (operation) => [
      bad(operation, { Duration: "2" }, value, /Duration/),
      bad(operation, { OfferingType: "Free" }, value, /OfferingType/),
      bad(operation, { ProductDescription: "mysql" }, value, /ProductDescription/),
      bad(operation, { MaxRecords: 19 }, value, /MaxRecords/),
      bad(operation, { Marker: "x" }, value, /Marker/),
    ],
  ),
  bad("CreateCacheSecurityGroup", { ...securityGroup, Description: "web" }, value, /not permitted/),
  bad("DeleteCacheSecurityGroup", securityGroup, value, /not permitted/),
  bad("AuthorizeCacheSecurityGroupIngress", ingress, value, /not permitted/),
  bad("RevokeCacheSecurityGroupIngress", ingress, value, /not permitted/),
];

function badPurchase(settings: object, code: string, message: RegExp): BadRequest {
  return bad("PurchaseReservedCacheNodesOffering", { ...offering, ...settings }, code, message);
}
