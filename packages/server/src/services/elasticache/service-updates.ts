import {
  ServiceUpdateStatus,
  type ServiceUpdateType,
  type ServiceUpdate as Shape,
} from "@aws-sdk/client-elasticache";
import { Fault } from "../../aws/fault.ts";
import { page } from "../../aws/pagination.ts";
import { type ServiceUpdate, serviceUpdates } from "../../resources/service-update.ts";
import { storedName } from "./identifiers.ts";
import type { ElastiCacheCall, Operation } from "./operation.ts";

/** A member is replaced in seconds; how long it copies its data depends on how much that is. */
const estimatedUpdateTime = "1 minute per node";

export const describeServiceUpdates: Operation<"DescribeServiceUpdates"> = (input, call) => {
  const { ServiceUpdateName: name, ServiceUpdateStatus: statuses } = input;
  requireAllOf("ServiceUpdateStatus", statuses, Object.values(ServiceUpdateStatus));
  const updates = name ? [requireUpdate(call, name)] : knownUpdates(call);
  const { page: rows, ...next } = page(
    updates.filter(({ status }) => isOneOf(status, statuses)),
    input,
    { operation: "DescribeServiceUpdates", keyOf: (one) => one.name },
  );
  return { ...next, ServiceUpdates: rows.map(described) };
};

/** The service updates of this server. */
export function knownUpdates(call: ElastiCacheCall): readonly ServiceUpdate[] {
  return serviceUpdates(call.store.listAll("engine-release"), call.installed);
}

/** The service update of that name. Throws ServiceUpdateNotFoundFault. */
export function requireUpdate(call: ElastiCacheCall, name: string | undefined): ServiceUpdate {
  const wanted = storedName("ServiceUpdateName", name);
  const update = knownUpdates(call).find((one) => one.name === wanted);
  if (update !== undefined) return update;
  throw new Fault("ServiceUpdateNotFoundFault", `Service update ${name} not found.`);
}

/** What service updates and their actions are described with alike. */
export function commonShape(update: ServiceUpdate) {
  return {
    ServiceUpdateName: update.name,
    ServiceUpdateReleaseDate: new Date(update.releasedAt),
    ServiceUpdateSeverity: update.severity,
    ServiceUpdateStatus: update.status,
    ServiceUpdateRecommendedApplyByDate: new Date(update.applyBy),
    ServiceUpdateType: typeOf(update),
    EstimatedUpdateTime: estimatedUpdateTime,
    Engine: update.engine,
  };
}

/** Whether `value` is one of those that a caller wants; a caller who names none wants all. */
export function isOneOf(value: string, wanted: readonly string[] | undefined): boolean {
  return wanted === undefined || wanted.length === 0 || wanted.includes(value);
}

/** Throws InvalidParameterValue for a value that the parameter cannot have. */
export function requireAllOf(
  parameter: string,
  values: readonly string[] | undefined,
  known: readonly string[],
): void {
  const wrong = values?.find((one) => !known.includes(one));
  if (wrong === undefined) return;
  throw new Fault(
    "InvalidParameterValue",
    `The parameter ${parameter} must be one of ${known.join(", ")}; it is ${wrong}.`,
  );
}

function described(update: ServiceUpdate): Shape {
  return {
    ...commonShape(update),
    ServiceUpdateEndDate: update.endedAt === null ? undefined : new Date(update.endedAt),
    ServiceUpdateDescription: describe(update),
    EngineVersion: update.serves.join(", "),
    AutoUpdateAfterRecommendedApplyByDate: update.isInstalled,
  };
}

/** The user guide has engine updates too, which the SDK's enum lacks. */
function typeOf({ mends }: ServiceUpdate): ServiceUpdateType {
  return (mends.length > 0 ? "security-update" : "engine-update") as ServiceUpdateType;
}

function describe({ engine, binaryVersion, mends, isInstalled }: ServiceUpdate): string {
  const what = `Has nodes run ${engine} ${binaryVersion}.`;
  const mended = mends.length === 0 ? [] : [`It mends ${mends.map(({ id }) => id).join(", ")}.`];
  const missing = isInstalled
    ? []
    : ["It is not installed on this server: install it, and start the server again."];
  return [what, ...mended, ...missing].join(" ");
}
