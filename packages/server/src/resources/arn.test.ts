import { expect, test } from "vitest";
import { arnOf, parseArn } from "./arn.ts";

const home = { account: "123456789012", region: "us-east-1" };

test("an ARN names its resource in lower case", () => {
  expect(arnOf(home, "cluster", "Shop")).toBe(
    "arn:aws:elasticache:us-east-1:123456789012:cluster:shop",
  );
});

test.each([
  ["cn-north-1", "arn:aws-cn:"],
  ["us-gov-west-1", "arn:aws-us-gov:"],
  ["eu-west-1", "arn:aws:"],
])("%s lies in the partition of %s", (region, start) => {
  expect(arnOf({ ...home, region }, "subnetgroup", "a")).toMatch(new RegExp(`^${start}`));
});

test("parsing gives back what was written", () => {
  expect(parseArn(arnOf(home, "parametergroup", "default.redis7"))).toEqual({
    prefix: "arn",
    partition: "aws",
    service: "elasticache",
    region: "us-east-1",
    account: "123456789012",
    type: "parametergroup",
    name: "default.redis7",
  });
});

test.each(["", "shop", "arn:aws:elasticache:us-east-1:1:cluster", "a:b:c:d:e:f:g:h"])(
  "%j has not 7 components",
  (text) => {
    expect(parseArn(text)).toBeNull();
  },
);
