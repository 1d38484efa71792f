import { beforeEach, expect, test } from "vitest";
import { faultOf, newCall, StoppedClock } from "./call-for-tests.ts";
import { describeEvents } from "./events.ts";
import type { ElastiCacheCall, Input } from "./operation.ts";

const noon = new Date("2026-03-01T12:00:00.000Z");
const minuteMs = 60_000;

let clock: StoppedClock;
let call: ElastiCacheCall;
beforeEach(() => {
  clock = new StoppedClock();
  call = newCall(clock);
});

/** Writes an event as of some minutes before noon. */
function happened(minutesAgo: number, message: string, sourceId = "shop"): void {
  clock.time = before(minutesAgo);
  call.store.addEvents(call, [{ sourceType: "replication-group", sourceId, message }]);
  clock.time = noon;
}

function before(minutes: number): Date {
  return new Date(noon.getTime() - minutes * minuteMs);
}

function messages(input: Input<"DescribeEvents"> = {}): (string | undefined)[] {
  return describeEvents(input, call).Events?.map((event) => event.Message) ?? [];
}

test("the last hour is shown, newest first", () => {
  happened(61, "too old");
  happened(59, "first");
  happened(1, "second");
  expect(describeEvents({}, call)).toEqual({
    Events: [
      {
        SourceIdentifier: "shop",
        SourceType: "replication-group",
        Message: "second",
        Date: before(1),
      },
      expect.objectContaining({ Message: "first" }),
    ],
  });
});

test("the window can be chosen", () => {
  happened(200, "a");
  happened(100, "b");
  happened(10, "c");
  expect(messages({ Duration: 150 })).toEqual(["c", "b"]);
  expect(messages({ StartTime: before(210) })).toEqual(["c", "b", "a"]);
  expect(messages({ StartTime: before(210), EndTime: before(90) })).toEqual(["b", "a"]);
  expect(messages({ EndTime: before(90) })).toEqual(["b"]);
});

test("nothing older than 14 days is shown", () => {
  const days = 24 * 60;
  happened(15 * days, "fifteen days ago");
  happened(13 * days, "thirteen days ago");
  expect(messages({ StartTime: before(20 * days) })).toEqual(["thirteen days ago"]);
  expect(messages({ Duration: 30 * days })).toEqual(["thirteen days ago"]);
});

test("events can be chosen by their source", () => {
  happened(2, "of shop", "shop");
  happened(1, "of other", "other");
  const SourceType = "replication-group";
  expect(messages({ SourceType })).toEqual(["of other", "of shop"]);
  expect(messages({ SourceType, SourceIdentifier: "SHOP" })).toEqual(["of shop"]);
  expect(messages({ SourceType: "user" })).toEqual([]);
});

test.each<[Input<"DescribeEvents">, RegExp]>([
  [{ SourceIdentifier: "shop" }, /^InvalidParameterCombination: SourceType/],
  [{ Duration: 5, StartTime: noon }, /^InvalidParameterCombination: Duration/],
  [{ Duration: 5, EndTime: noon }, /^InvalidParameterCombination: Duration/],
  [{ StartTime: noon, EndTime: before(1) }, /^InvalidParameterCombination: StartTime/],
  [{ Duration: 0 }, /^InvalidParameterValue: Duration/],
  [{ Duration: -5 }, /^InvalidParameterValue: Duration/],
  [{ SourceType: "toaster" as "user" }, /^InvalidParameterValue: SourceType must be one of/],
  [{ MaxRecords: 5 }, /^InvalidParameterValue: /],
])("%j is refused", (input, message) => {
  expect(faultOf(() => describeEvents(input, call))).toMatch(message);
});

test("pages have no gap and no overlap, though events share a moment and new ones come", () => {
  for (let index = 0; index < 45; index += 1) happened(index < 30 ? 5 : 4, `e${index}`);
  const expected = Array.from({ length: 45 }, (_, index) => `e${44 - index}`);
  const seen: (string | undefined)[] = [];
  let Marker: string | undefined;
  do {
    const answer = describeEvents({ MaxRecords: 20, Marker }, call);
    seen.push(...(answer.Events?.map((event) => event.Message) ?? []));
    Marker = answer.Marker;
    happened(0, "new");
  } while (Marker !== undefined);
  expect(seen).toEqual(expected);
});
