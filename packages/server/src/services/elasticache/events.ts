import type { Event } from "@aws-sdk/client-elasticache";
import { SourceType } from "@aws-sdk/client-elasticache";
import { Fault } from "../../aws/fault.ts";
import { page } from "../../aws/pagination.ts";
import type { CacheEvent } from "../../resources/event.ts";
import type { ElastiCacheCall, Input, Operation } from "./operation.ts";

const minuteMs = 60_000;
const usualWindowMs = 60 * minuteMs;
const keptMs = 14 * 24 * 60 * minuteMs;

const sourceTypes: readonly string[] = Object.values(SourceType);

export const describeEvents: Operation<"DescribeEvents"> = (input, call) => {
  const { SourceType: sourceType, SourceIdentifier: sourceId } = input;
  if (sourceId !== undefined && sourceType === undefined) {
    throw combination("SourceType must be given together with SourceIdentifier.");
  }
  if (sourceType !== undefined && !sourceTypes.includes(sourceType)) {
    throw invalid(`SourceType must be one of ${sourceTypes.join(", ")}.`);
  }
  const { from, to } = windowOf(input, call);
  const events = call.store.events({
    ...{ account: call.account, region: call.region, sourceType },
    ...{ sourceId: sourceId?.toLowerCase(), from: from.toISOString(), to: to.toISOString() },
  });
  const { page: rows, ...next } = page(numbered(events), input, {
    operation: "DescribeEvents",
    keyOf: ({ key }) => key,
    order: "descending",
  });
  return { ...next, Events: rows.map(({ event }) => described(event)) };
};

/** The time that a request asks about, as far as events are kept. */
function windowOf(input: Input<"DescribeEvents">, call: ElastiCacheCall): { from: Date; to: Date } {
  const { StartTime: start, EndTime: end, Duration: minutes } = input;
  if (minutes !== undefined && (start !== undefined || end !== undefined)) {
    throw combination("Duration cannot be used together with StartTime or EndTime.");
  }
  if (minutes !== undefined && minutes < 1) throw invalid("Duration must be at least 1 minute.");
  if (start !== undefined && end !== undefined && start > end) {
    throw combination("StartTime must not be later than EndTime.");
  }
  const lengthMs = minutes === undefined ? usualWindowMs : minutes * minuteMs;
  const to = end ?? call.now;
  const fromMs = start?.getTime() ?? to.getTime() - lengthMs;
  return { from: new Date(Math.max(fromMs, call.now.getTime() - keptMs)), to };
}

/**
 * Gives each event a key of its own that sorts as time does. Several can share a moment; those are
 * counted from the oldest on, so that a key stays the same when newer events come.
 */
function numbered(
  newestFirst: readonly CacheEvent[],
): readonly { readonly key: string; readonly event: CacheEvent }[] {
  let moment = "";
  let number = 0;
  return newestFirst.toReversed().map((event) => {
    number = event.at === moment ? number + 1 : 0;
    moment = event.at;
    return { key: `${event.at}/${String(number).padStart(9, "0")}`, event };
  });
}

function described(event: CacheEvent): Event {
  return {
    SourceIdentifier: event.sourceId,
    SourceType: event.sourceType,
    Message: event.message,
    Date: new Date(event.at),
  };
}

function invalid(message: string): Fault {
  return new Fault("InvalidParameterValue", message);
}

function combination(message: string): Fault {
  return new Fault("InvalidParameterCombination", message);
}
