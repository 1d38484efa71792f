import { closeSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { newPassword, newSuffix } from "../base/random.ts";
import { type Config, ConfigError } from "../config.ts";

const stored = z.strictObject({
  accessKeyId: z.string().min(1),
  secretAccessKey: z.string().min(1),
});

/** The key pair that may do everything. */
export type RootKey = z.infer<typeof stored>;

/**
 * The root key: the one configured, else the one in DATA_DIR/credentials, which is made at first
 * start with mode 0600.
 * @throws ConfigError when the file is there but holds no key
 */
export function rootKeyOf(config: Config): RootKey {
  if (config.rootKey !== null) return config.rootKey;
  const path = join(config.dataDir, "credentials");
  return readKey(path) ?? writeKey(path);
}

function readKey(path: string): RootKey | null {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return null;
    throw error;
  }
  try {
    return stored.parse(JSON.parse(text));
  } catch {
    throw new ConfigError(`${path} holds no key pair; remove it to have a new one made`);
  }
}

function writeKey(path: string): RootKey {
  const key = {
    accessKeyId: `LKIA${newSuffix(16).toUpperCase()}`,
    secretAccessKey: newPassword(),
  };
  const file = openSync(`${path}.new`, "w", 0o600);
  try {
    writeSync(file, `${JSON.stringify(key)}\n`);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(`${path}.new`, path);
  return key;
}
