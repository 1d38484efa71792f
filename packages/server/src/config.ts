import { homedir } from "node:os";
import { delimiter, isAbsolute, join } from "node:path";
import { z } from "zod";
import { logLevels } from "./base/log.ts";

/** Thrown for a setting that is unknown or out of bounds; the message is for people. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
}

const wholeNumber = (from: number, to: number) =>
  z
    .string()
    .regex(/^\d{1,9}$/, "must be a whole number")
    .transform(Number)
    .refine((value) => value >= from && value <= to, `must be from ${from} to ${to}`);

const privateSlash16 = /^(127|10|192|172)\.\d{1,3}\.0\.0\/16$/;

/** Every setting, by the name of its environment variable. */
const settings = z
  .object({
    LARDER_HOST: z.union([z.ipv4(), z.ipv6(), z.literal("localhost")]).default("127.0.0.1"),
    LARDER_PORT: wholeNumber(1, 65_535).default(4566),
    LARDER_DATA_DIR: z
      .string()
      .refine(isAbsolute, "must be an absolute path")
      .default(join(homedir(), ".larder")),
    LARDER_REGION: z
      .string()
      .regex(/^[a-z]{2}(-[a-z]+)+-\d$/, "must look like us-east-1")
      .default("us-east-1"),
    LARDER_ACCOUNT_ID: z
      .string()
      .regex(/^\d{12}$/, "must be 12 digits")
      .default("000000000000"),
    LARDER_ROOT_ACCESS_KEY_ID: z
      .string()
      .regex(/^\w{1,128}$/, "must be letters and digits")
      .optional(),
    LARDER_ROOT_SECRET_ACCESS_KEY: z.string().min(1).max(128).optional(),
    LARDER_NETWORK: z
      .enum(["loopback", "ports"])
      .default(process.platform === "linux" ? "loopback" : "ports"),
    LARDER_VPC_CIDR: z
      .string()
      .regex(privateSlash16, "must be a /16 such as 127.31.0.0/16")
      .default("127.31.0.0/16"),
    LARDER_ENGINE_PATH: z.string().default(""),
    LARDER_ENGINE_USER: z
      .string()
      .regex(/^[a-z_][a-z0-9_-]{0,31}$/, "must be a user's name")
      .default("larder"),
    LARDER_FAILURE_TIMEOUT_MS: wholeNumber(500, 600_000).default(3_000),
    LARDER_LOG_LEVEL: z.enum(logLevels).default("info"),
    LARDER_FIRST_NODE_PORT: wholeNumber(1_024, 45_000).default(20_000),
    LARDER_NODES_PER_REGION: wholeNumber(1, 100_000).default(300),
  })
  .strict()
  .refine(
    (all) =>
      (all.LARDER_ROOT_ACCESS_KEY_ID === undefined) ===
      (all.LARDER_ROOT_SECRET_ACCESS_KEY === undefined),
    "LARDER_ROOT_ACCESS_KEY_ID and LARDER_ROOT_SECRET_ACCESS_KEY go together",
  )
  .refine(
    (all) => all.LARDER_NETWORK !== "loopback" || all.LARDER_VPC_CIDR.startsWith("127."),
    "LARDER_VPC_CIDR must lie in 127.0.0.0/8 when LARDER_NETWORK is loopback",
  );

/** The server's settings, checked. */
export interface Config {
  readonly host: string;
  readonly port: number;
  readonly dataDir: string;
  readonly region: string;
  readonly accountId: string;
  /** Null: made at first start and kept in dataDir/credentials. */
  readonly rootKey: { readonly accessKeyId: string; readonly secretAccessKey: string } | null;
  readonly network: "loopback" | "ports";
  readonly vpcCidr: string;
  /** Directories to look for engines in, before PATH. */
  readonly enginePath: readonly string[];
  /** The user that engines run as when the server is root. */
  readonly engineUser: string;
  readonly failureTimeoutMs: number;
  readonly logLevel: z.infer<typeof settings>["LARDER_LOG_LEVEL"];
  /** `ports`: the first of the 10,000 ports that nodes and endpoints take. */
  readonly firstNodePort: number;
  /** How many nodes an account may have in a region; 300 on AWS until it is raised. */
  readonly nodesPerRegion: number;
}

/**
 * Reads every LARDER_ variable of `env` (by default the process's own).
 * @throws ConfigError naming the variable and what is allowed
 */
export function readConfig(env: NodeJS.ProcessEnv = process.env): Config {
  const given = Object.fromEntries(
    Object.entries(env).filter(([name]) => name.startsWith("LARDER_")),
  );
  const parsed = settings.safeParse(given);
  if (!parsed.success) {
    throw new ConfigError(parsed.error.issues.map(sentenceOf).join("; "));
  }
  const all = parsed.data;
  const { LARDER_ROOT_ACCESS_KEY_ID: keyId, LARDER_ROOT_SECRET_ACCESS_KEY: secret } = all;
  return {
    host: all.LARDER_HOST,
    port: all.LARDER_PORT,
    dataDir: all.LARDER_DATA_DIR,
    region: all.LARDER_REGION,
    accountId: all.LARDER_ACCOUNT_ID,
    rootKey:
      keyId === undefined || secret === undefined
        ? null
        : { accessKeyId: keyId, secretAccessKey: secret },
    network: all.LARDER_NETWORK,
    vpcCidr: all.LARDER_VPC_CIDR,
    enginePath: all.LARDER_ENGINE_PATH.split(delimiter).filter((one) => one !== ""),
    engineUser: all.LARDER_ENGINE_USER,
    failureTimeoutMs: all.LARDER_FAILURE_TIMEOUT_MS,
    logLevel: all.LARDER_LOG_LEVEL,
    firstNodePort: all.LARDER_FIRST_NODE_PORT,
    nodesPerRegion: all.LARDER_NODES_PER_REGION,
  };
}

/** The directories of PATH, where engines are looked for after LARDER_ENGINE_PATH. */
export function searchPath(env: NodeJS.ProcessEnv = process.env): readonly string[] {
  return (env["PATH"] ?? "").split(delimiter).filter((one) => one !== "");
}

function sentenceOf(issue: z.core.$ZodIssue): string {
  if (issue.code === "unrecognized_keys") return `unknown setting ${issue.keys.join(", ")}`;
  const name = issue.path.join(".");
  return name === "" ? issue.message : `${name}: ${issue.message}`;
}
