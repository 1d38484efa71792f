import { readFile } from "node:fs/promises";

const dpkg = "/var/lib/dpkg";

/**
 * The revision of the Debian package that a program is of, e.g. "1~deb12u10": a distribution mends
 * what is wrong under the old version number. Null where dpkg does not say that it is of a package.
 * @param path where the program was found
 */
export async function packageRevision(path: string): Promise<string | null> {
  // Debian's packages of the engines are named as their programs are.
  const name = path.slice(path.lastIndexOf("/") + 1);
  const [files, status] = await Promise.all([
    readIfThere(`${dpkg}/info/${name}.list`),
    readIfThere(`${dpkg}/status`),
  ]);
  if (files === null || status === null || !files.split("\n").includes(path)) return null;
  return revisionIn(status, name);
}

/**
 * The revision of an installed package.
 * @param status dpkg's status file: paragraphs of "Name: value" lines
 */
export function revisionIn(status: string, name: string): string | null {
  const paragraph = status.split("\n\n").find((one) => one.startsWith(`Package: ${name}\n`));
  if (paragraph === undefined || !/^Status: .* installed$/m.test(paragraph)) return null;
  return /^Version: .*-([^-\s]+)$/m.exec(paragraph)?.[1] ?? null;
}

async function readIfThere(path: string): Promise<string | null> {
  try {
    return await readFile(path, "utf8");
  } catch {
    return null; // another system: the version number is all there is to go by
  }
}
