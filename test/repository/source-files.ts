import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";

/** Where the checkout is. */
export const root = fileURLToPath(new URL("../..", import.meta.url)).replace(/\/$/, "");

const notOurs = new Set(["node_modules", ".git", ".larder", "coverage", "dist"]);

/** The files below `folder` of the checkout whose name ends in one of `endings`; "/" separated. */
export function filesBelow(folder: string, endings: readonly string[]): readonly string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (notOurs.has(entry.name)) return [];
    if (entry.isDirectory()) return filesBelow(path, endings);
    const isWanted = entry.isFile() && endings.some((ending) => entry.name.endsWith(ending));
    return isWanted ? [relative(".", path)] : [];
  });
}

/** The text of a file of the checkout. */
export function textOf(path: string): string {
  return readFileSync(join(root, path), "utf8");
}
