import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Config } from "@larder/server/config.ts";
import { z } from "zod";
import { Failure } from "./failure.ts";
import { parseJson } from "./json.ts";

const credentialsFile = z.object({
  accessKeyId: z.string().min(1),
  secretAccessKey: z.string().min(1),
});

/** The access key of the account's root. */
export type RootKey = z.infer<typeof credentialsFile>;

/**
 * The root key from the settings, or the one that the server made at its first start.
 * @throws Failure when there is none yet, or the file cannot be read
 */
export async function findRootKey(config: Config): Promise<RootKey> {
  if (config.rootKey !== null) return config.rootKey;
  const path = join(config.dataDir, "credentials");
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    throw unreadable(path, error as NodeJS.ErrnoException);
  }
  const parsed = credentialsFile.safeParse(parseJson(text));
  if (!parsed.success) {
    throw new Failure(
      `${path} does not hold an access key. Stop the server, remove the file and start it again ` +
        "to get a new one.",
      { cause: parsed.error },
    );
  }
  return parsed.data;
}

function unreadable(path: string, error: NodeJS.ErrnoException): Failure {
  if (error.code === "ENOENT") {
    return new Failure(
      `There are no credentials yet: the server makes ${path} at its first start. Start it with ` +
        "`npm start` or `npx larder up`, or set LARDER_ROOT_ACCESS_KEY_ID and " +
        "LARDER_ROOT_SECRET_ACCESS_KEY.",
      { cause: error },
    );
  }
  const hint = error.code === "EACCES" ? " It belongs to the user that runs the server." : "";
  return new Failure(`Cannot read ${path} (${error.code ?? error.message}).${hint}`, {
    cause: error,
  });
}
