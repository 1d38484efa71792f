import * as sdk from "@aws-sdk/client-elasticache";
import { describe, expect, test } from "vitest";
import { Fault } from "../../aws/fault.ts";
import { structureOf } from "../../aws/shape.ts";
import { refuseUnavailable, type SettingsOperation, verdicts } from "./refused-settings.ts";

const operations = Object.keys(verdicts) as SettingsOperation[];

/** The members of an operation's input, from the SDK's schemas. */
function membersOf(operation: string): string[] {
  const schema = Reflect.get(sdk, `${operation}$`) as readonly unknown[];
  return structureOf(schema[4])!.members.map(({ name }) => name);
}

describe.each(operations)("%s", (operation) => {
  test("every member of its input is either handled or refused, and no other", () => {
    expect(Object.keys(verdicts[operation]).toSorted()).toEqual(membersOf(operation).toSorted());
  });

  test("what is refused says so by name, and its empty values pass", () => {
    for (const [parameter, verdict] of Object.entries(verdicts[operation])) {
      if (verdict === "handled") continue;
      const ask = (value: unknown) => () => refuseUnavailable(operation, { [parameter]: value });
      for (const value of [true, 7, "x", ["x"], { x: 1 }]) {
        expect(ask(value), parameter).toThrow(Fault);
        expect(ask(value), parameter).toThrow(parameter);
      }
      for (const value of [undefined, false, 0, "", [], ...verdict.accepted]) {
        expect(ask(value), parameter).not.toThrow();
      }
    }
  });
});
