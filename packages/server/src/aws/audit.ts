import type { AwsService } from "./service.ts";
import type { Shape } from "./shape.ts";

/** A log line stays readable whatever a caller sends. */
const textMax = 200;
const itemsMax = 20;

/** An input as the audit log shows it: without secrets, long texts and lists cut short. */
export function forAudit(service: AwsService, shape: Shape, value: unknown): unknown {
  if (shape.kind === "list") {
    const items = value as readonly unknown[];
    const shown = items.slice(0, itemsMax).map((item) => forAudit(service, shape.element, item));
    return items.length > itemsMax ? [...shown, `… ${items.length - itemsMax} more`] : shown;
  }
  if (shape.kind === "structure") {
    const shown: Record<string, unknown> = {};
    for (const { name, shape: memberShape, sensitive } of shape.members) {
      const member = (value as Readonly<Record<string, unknown>>)[name];
      if (member === undefined) continue;
      const secret = sensitive || service.secrets.has(name);
      shown[name] = secret ? "[redacted]" : forAudit(service, memberShape, member);
    }
    return shown;
  }
  if (typeof value === "string" && value.length > textMax) return `${value.slice(0, textMax)}…`;
  return value;
}
