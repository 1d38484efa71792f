import * as sdk from "@aws-sdk/client-elasticache";
import { describe, expect, test } from "vitest";
import { Fault } from "../fault.ts";
import { structureOf } from "../shape.ts";
import { addFields, newField } from "./fields.ts";
import { queryDialect, readStructure } from "./input.ts";

function read(operation: keyof typeof sdk, form: string): Record<string, unknown> {
  const shape = structureOf((sdk[operation] as unknown as readonly unknown[])[4])!;
  const fields = newField();
  addFields(fields, form);
  return readStructure(shape, fields, "", queryDialect);
}

function faultOf(work: () => unknown): Fault {
  try {
    work();
  } catch (error) {
    if (error instanceof Fault) return error;
    throw error;
  }
  throw new Error("nothing was refused");
}

const arn = "ResourceName=arn";

describe("lists", () => {
  const tags = [
    { Key: "a", Value: "1" },
    { Key: "b", Value: "2" },
  ];
  test.each([
    ["the model's name", "Tags.Tag.1.Key=a&Tags.Tag.1.Value=1&Tags.Tag.2.Key=b&Tags.Tag.2.Value=2"],
    [
      "member",
      "Tags.member.1.Key=a&Tags.member.1.Value=1&Tags.member.2.Key=b&Tags.member.2.Value=2",
    ],
    ["numbers alone", "Tags.1.Key=a&Tags.1.Value=1&Tags.2.Key=b&Tags.2.Value=2"],
    ["gaps", "Tags.Tag.10.Key=b&Tags.Tag.10.Value=2&Tags.Tag.9.Key=a&Tags.Tag.9.Value=1"],
    ["a start at 0", "Tags.Tag.0.Key=a&Tags.Tag.0.Value=1&Tags.Tag.1.Key=b&Tags.Tag.1.Value=2"],
  ])("may be written with %s", (_way, form) => {
    expect(read("AddTagsToResource$", `${arn}&${form}`)).toEqual({
      ResourceName: "arn",
      Tags: tags,
    });
  });

  test("may be empty", () => {
    expect(read("AddTagsToResource$", `${arn}&Tags=`).Tags).toEqual([]);
  });

  test.each([
    ["ValidationError", "Tags=a"],
    ["ValidationError", "Tags=&Tags.Tag.1.Key=a"],
    ["ValidationError", "Tags.Tug.1.Key=a"],
    ["ValidationError", "Tags.Tag=a"],
    ["ValidationError", "Tags.Tag.x.Key=a"],
    ["ValidationError", "Tags.Tag.01.Key=a"],
    ["ValidationError", "Tags.Tag.-1.Key=a"],
    ["ValidationError", "Tags.Tag.1=a"],
    ["InvalidParameterValue", "Tags.Tag.1.Key=a&Tags.member.2.Key=b"],
    ["InvalidParameterValue", "Tags.Tag.1.Key=a&Tags.2.Key=b"],
  ])("are refused with %s when written as %s", (code, form) => {
    const fault = faultOf(() => read("AddTagsToResource$", `${arn}&${form}`));
    expect(fault.code).toBe(code);
    expect(fault.message).toContain("Tags");
  });
});

describe("types", () => {
  test.each([
    ["MultiAZEnabled=TRUE", { MultiAZEnabled: true }],
    ["MultiAZEnabled=false", { MultiAZEnabled: false }],
    ["NumCacheClusters=-2147483648", { NumCacheClusters: -2147483648 }],
    ["NumCacheClusters=%2B3", { NumCacheClusters: 3 }],
    ["NumCacheClusters=-0", { NumCacheClusters: 0 }],
    ["Engine=", { Engine: "" }],
    ["Engine", { Engine: "" }],
    ["Engine=a+b%20c", { Engine: "a b c" }],
    ["NoSuchParameter=1", {}],
    ["__proto__.x=1&constructor.y=2", {}],
  ])("%s is read", (form, expected) => {
    const required = "ReplicationGroupId=a&ReplicationGroupDescription=b";
    expect(read("CreateReplicationGroup$", `${required}&${form}`)).toEqual({
      ReplicationGroupId: "a",
      ReplicationGroupDescription: "b",
      ...expected,
    });
    expect(Reflect.get({}, "x")).toBeUndefined();
  });

  test.each([
    ["MultiAZEnabled=yes", "true or false"],
    ["MultiAZEnabled=", "true or false"],
    ["NumCacheClusters=", "an integer"],
    ["NumCacheClusters=1.5", "an integer"],
    ["NumCacheClusters=1e3", "an integer"],
    ["NumCacheClusters=0x10", "an integer"],
    ["NumCacheClusters=%201", "an integer"],
    ["NumCacheClusters=2147483648", "an integer"],
    ["NumCacheClusters=9999999999999", "an integer"],
    ["Engine.x=1", "takes one value"],
    ["Engine=a&Engine.x=1", "takes one value"],
  ])("%s is refused: %s", (form, allowed) => {
    const required = "ReplicationGroupId=a&ReplicationGroupDescription=b";
    const fault = faultOf(() => read("CreateReplicationGroup$", `${required}&${form}`));
    expect(fault.code).toBe("ValidationError");
    expect(fault.message).toContain(allowed);
    expect(fault.message).toContain(form.split(/[.=]/)[0]);
  });

  test.each([
    ["2024-02-29T12:30:15Z", "2024-02-29T12:30:15.000Z"],
    ["2024-02-29T12:30:15.123456Z", "2024-02-29T12:30:15.123Z"],
    ["2024-02-29T12:30:15.5Z", "2024-02-29T12:30:15.500Z"],
    ["2024-02-29T12:30:15", "2024-02-29T12:30:15.000Z"],
    ["2024-02-29T12:30:15%2B02:00", "2024-02-29T10:30:15.000Z"],
    ["2024-02-29T12:30:15-05:30", "2024-02-29T18:00:15.000Z"],
    ["2024-02-29", "2024-02-29T00:00:00.000Z"],
    ["1709209815", "2024-02-29T12:30:15.000Z"],
    ["1709209815.25", "2024-02-29T12:30:15.250Z"],
  ])("the time %s is %s", (text, expected) => {
    expect(read("DescribeEvents$", `StartTime=${text}`).StartTime).toEqual(new Date(expected));
  });

  test.each([
    "yesterday",
    "",
    "2024-02-30T00:00:00Z",
    "2024-13-01",
    "2024-01-01T24:00:00Z",
    "2024-01-01T00:00:00%2B24:00",
    "01/02/2024",
    "99999999999999999999",
  ])("the time %s is refused", (text) => {
    expect(faultOf(() => read("DescribeEvents$", `StartTime=${text}`)).code).toBe(
      "ValidationError",
    );
  });
});

describe("refusals", () => {
  test("a missing required member is named, also inside a list", () => {
    const fault = faultOf(() => read("CreateReplicationGroup$", "ReplicationGroupId=a"));
    expect(fault.code).toBe("MissingParameter");
    expect(fault.message).toBe(
      "The request must contain the parameter ReplicationGroupDescription.",
    );
    const nested = faultOf(() =>
      read(
        "IncreaseReplicaCount$",
        "ReplicationGroupId=a&ApplyImmediately=true&ReplicaConfiguration.ConfigureShard.1.NodeGroupId=1",
      ),
    );
    expect(nested.message).toContain("ReplicaConfiguration.ConfigureShard.1.NewReplicaCount");
  });

  test.each(["%0A", "%0D", "%00", "%09", "%1B", "%7F", "%C2%85", "%E2%80%A8", "%E2%80%A9"])(
    "the character %s is refused in any value, and the value is not repeated",
    (char) => {
      const fault = faultOf(() => read("DescribeEvents$", `SourceIdentifier=secret${char}x`));
      expect(fault.code).toBe("InvalidParameterValue");
      expect(fault.message).toContain("SourceIdentifier");
      expect(fault.message).not.toContain("secret");
    },
  );

  test.each([
    ["MalformedQueryString", "Engine=%"],
    ["MalformedQueryString", "Engine=%zz"],
    ["MalformedQueryString", "Engine=%FF"],
    ["MalformedQueryString", "Engine=%ED%A0%80"],
    ["MalformedQueryString", "Engine=%C0%AF"],
    ["InvalidParameterValue", "Engine=a&Engine=a"],
    ["InvalidParameterValue", "Engine=a&%45ngine=b"],
    ["InvalidParameterValue", `${"a.".repeat(20)}b=1`],
    ["InvalidParameterValue", Array.from({ length: 10_001 }, (_, n) => `p${n}=1`).join("&")],
  ])("%s for %.20s", (code, form) => {
    expect(faultOf(() => read("DescribeEvents$", form)).code).toBe(code);
  });
});
