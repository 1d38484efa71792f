import type { RouteTable } from "./protocol.ts";

const portMax = 65_535;

/** Reads a table as the server sent it, or says in a sentence what is wrong with it. */
export function readTable(
  body: string,
): { readonly table: RouteTable } | { readonly problem: string } {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch (error) {
    return { problem: `the body is not JSON: ${String(error)}` };
  }
  if (!isTable(value)) return { problem: "the body is not a table of routes" };
  const ids = new Set(value.routes.map((route) => route.id));
  if (ids.size < value.routes.length) return { problem: "two routes have the same id" };
  return { table: value };
}

function isTable(value: unknown): value is RouteTable {
  return isObject(value) && Array.isArray(value["routes"]) && value["routes"].every(isRoute);
}

function isRoute(value: unknown): boolean {
  return (
    isObject(value) &&
    typeof value["id"] === "string" &&
    isPlace(value["listen"]) &&
    Array.isArray(value["targets"]) &&
    value["targets"].every(isPlace) &&
    (value["discovery"] === null || isDiscovery(value["discovery"]))
  );
}

function isPlace(value: unknown): boolean {
  return isObject(value) && isWord(value["host"]) && value["host"] !== "" && isPort(value["port"]);
}

function isDiscovery(value: unknown): boolean {
  return (
    isObject(value) &&
    Number.isSafeInteger(value["version"]) &&
    Array.isArray(value["nodes"]) &&
    value["nodes"].every((node) => isObject(node) && isPlace(node) && isWord(node["ip"]))
  );
}

function isPort(value: unknown): boolean {
  return Number.isInteger(value) && Number(value) > 0 && Number(value) <= portMax;
}

/** No space, control character or "|": these divide the discovery answer. */
function isWord(value: unknown): boolean {
  return typeof value === "string" && /^[^\s|\p{Cc}]*$/u.test(value);
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}
