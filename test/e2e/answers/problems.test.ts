import type { StructureShape } from "@larder/server/aws/shape.ts";
import { describe, expect, test } from "vitest";
import { absent, atLeast, each, either, empty, moment, perhaps } from "./expected.ts";
import { problemsOf } from "./problems.ts";

const text = { kind: "string" } as const;

function shapeOf(members: Readonly<Record<string, StructureShape["members"][number]["shape"]>>) {
  return {
    kind: "structure",
    members: Object.entries(members).map(([name, shape]) => ({
      ...{ name, wireName: name, ec2Name: name, shape, required: false, sensitive: false },
    })),
  } satisfies StructureShape;
}

const texts = { kind: "list", element: text, elementName: "member", flattened: false } as const;

describe("an answer that is not as the table has it", () => {
  test.each([
    [{}, { A: "a" }, "answer.A is absent"],
    [{ A: "b" }, { A: "a" }, 'answer.A is "b", not "a"'],
    [{ A: "b" }, { A: /^a/ }, 'answer.A is "b", not /^a/'],
    [{ A: "b" }, { A: absent("why") }, 'answer.A is "b", and should be absent: why'],
    [{ A: "b" }, {}, "answer.A is in the API's model, and not in the table"],
  ])("%j against %j", (answer, expected, problem) => {
    expect(problemsOf(shapeOf({ A: text }), expected, answer)).toEqual([problem]);
  });

  test("a member that the model does not know", () => {
    const problem = "answer.B is in the table, and not in the API's model";
    expect(problemsOf(shapeOf({}), { B: "b" }, {})).toEqual([problem]);
    expect(problemsOf(null, { B: "b" }, {})).toEqual([problem]);
  });

  test("a member that need not be there is as expected when it is", () => {
    const expected = { A: perhaps("a", "when") };
    expect(problemsOf(shapeOf({ A: text }), expected, {})).toEqual([]);
    expect(problemsOf(shapeOf({ A: text }), expected, { A: "b" })).toEqual([
      'answer.A is "b", not "a"',
    ]);
  });

  test("numbers, booleans and times", () => {
    const shape = shapeOf({
      ...{ N: { kind: "number" }, B: { kind: "boolean" }, T: { kind: "timestamp" } },
    });
    const expected = { N: atLeast(2), B: either, T: moment };
    expect(problemsOf(shape, expected, { N: 2, B: false, T: new Date(0) })).toEqual([]);
    expect(problemsOf(shape, expected, { N: 1, B: "x", T: new Date(Number.NaN) })).toEqual([
      ...["answer.N is 1, not at least 2", 'answer.B is "x", not a boolean'],
      "answer.T is null, not a time",
    ]);
  });

  test("lists, and the element that is at fault", () => {
    const shape = shapeOf({ L: texts });
    expect(problemsOf(shape, { L: each(/a/) }, { L: ["a", "b"] })).toEqual([
      'answer.L[1] is "b", not /a/',
    ]);
    expect(problemsOf(shape, { L: each("a") }, { L: [] })).toEqual(["answer.L is empty"]);
    expect(problemsOf(shape, { L: empty("why") }, { L: ["a"] })).toEqual([
      'answer.L is ["a"], and should be empty: why',
    ]);
    expect(problemsOf(shape, { L: empty("why") }, { L: [] })).toEqual([]);
  });

  test("structures within structures", () => {
    const shape = shapeOf({ S: shapeOf({ A: text, B: text }) });
    expect(problemsOf(shape, { S: { A: "a", B: "b" } }, { S: { B: "c" } })).toEqual([
      ...["answer.S.A is absent", 'answer.S.B is "c", not "b"'],
    ]);
  });
});
