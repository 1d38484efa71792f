import { posix } from "node:path";

/** The layers of packages/server/src, each with the layers that it may import. */
export const mayImport: Readonly<Record<string, readonly string[]>> = {
  base: [],
  resources: ["base"],
  store: ["base", "resources"],
  aws: ["base", "resources", "store"],
  services: ["base", "resources", "store", "aws"],
  http: ["base", "resources", "store", "aws", "services", "metrics"],
  engine: ["base", "resources"],
  runtime: ["base", "resources"],
  network: ["base", "resources", "runtime"],
  metrics: ["base", "resources", "store", "engine"],
  reconcile: ["base", "resources", "store", "engine", "runtime", "network", "metrics"],
};

/** What main.ts is made of: it puts the others together, and no layer may import it. */
export const compositionFolder = "boot";

const source = "packages/server/src/";

/** What a file imports or re-exports, statically or not, as written. */
export function importsOf(text: string): readonly string[] {
  const statements = text.matchAll(/\b(?:from|import)\s*\(?\s*["']([^"']+)["']/g);
  return [...statements].map(([, specifier = ""]) => specifier);
}

/**
 * The layer of the server that a file lies in: a folder, or for the files beside them their own
 * name; null outside the server.
 */
export function layerOf(path: string): string | null {
  if (!path.startsWith(source)) return null;
  return path.slice(source.length).split("/")[0] ?? null;
}

/** The imports of a file that its layer may not have. */
export function forbiddenImports(path: string, text: string): readonly string[] {
  const layer = layerOf(path);
  const allowed = layer === null ? undefined : mayImport[layer];
  if (allowed === undefined) return []; // main.ts knows everyone
  return importsOf(text).filter((specifier) => {
    const target = layerOf(resolve(path, specifier));
    return target !== null && target !== layer && !allowed.includes(target);
  });
}

function resolve(from: string, specifier: string): string {
  if (specifier.startsWith(".")) return posix.join(posix.dirname(from), specifier);
  return specifier.replace(/^@larder\/server\//, source);
}
