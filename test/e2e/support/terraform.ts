import { execFile } from "node:child_process";
import { globSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { credentials } from "@larder/testkit/server.ts";
import { temporaryDirectory } from "@larder/testkit/temporary-directory.ts";

const run = promisify(execFile);

/** Where Terraform itself looks for providers that nobody downloads, and where machines keep them. */
const mirrors = [
  join(homedir(), ".terraform.d/plugins"),
  ...["/usr/local/share/terraform/plugins", "/usr/share/terraform/plugins", "/opt/*"],
];

/** The folder with the AWS provider, below the name of its registry; null where there is none. */
const mirror = globSync(mirrors.map((root) => `${root}/*/hashicorp/aws`))
  .map((found) => dirname(dirname(dirname(found))))
  .at(0);

/** The provider alone takes a minute and a half of processor time: too much for every run. */
const isAskedFor = process.env["TEST_TERRAFORM"] === "1";

/** Why Terraform cannot be tried on this machine; null when it can. */
export const terraformProblem: string | null = await problem();

async function problem(): Promise<string | null> {
  if (!isAskedFor) return "set TEST_TERRAFORM=1 to run it";
  if (mirror === undefined) return "no folder holds Terraform's AWS provider";
  return run("terraform", ["version"], { env: environment() }).then(
    () => null,
    () => "terraform is not installed",
  );
}

type Variables = Readonly<Record<string, string>>;

/** A Terraform configuration in a directory of its own. */
export interface Terraform extends AsyncDisposable {
  /** Applies the configuration with these variables, and resolves with its outputs. */
  apply(variables?: Variables): Promise<Readonly<Record<string, unknown>>>;
  /** What would change, in Terraform's words; "" for nothing. */
  plan(variables?: Variables): Promise<string>;
  destroy(variables?: Variables): Promise<void>;
}

/** @param endpoint of the server that stands for AWS */
export async function terraformOf(configuration: string, endpoint: string): Promise<Terraform> {
  const directory = await temporaryDirectory();
  const cwd = directory.path;
  const installation = `provider_installation {\n filesystem_mirror {\n path = "${mirror}"\n }\n}\n`;
  await writeFile(join(cwd, "terraformrc"), installation);
  await writeFile(join(cwd, "main.tf"), `${providerOf(endpoint)}${configuration}`);
  const terraform = (...args: readonly string[]) =>
    run("terraform", [...args, "-no-color"], { cwd, env: environment(cwd) });
  await terraform("init");
  return {
    async apply(variables = {}) {
      await terraform("apply", "-auto-approve", ...flagsOf(variables));
      const { stdout } = await terraform("output", "-json");
      const outputs = JSON.parse(stdout) as Record<string, { readonly value: unknown }>;
      return Object.fromEntries(Object.entries(outputs).map(([name, { value }]) => [name, value]));
    },
    async plan(variables = {}) {
      try {
        await terraform("plan", "-detailed-exitcode", ...flagsOf(variables));
        return "";
      } catch (error) {
        // Exit code 2 says that there is something to change.
        const { code, stdout } = error as { readonly code?: number; readonly stdout?: string };
        if (code === 2) return stdout ?? "";
        throw error;
      }
    },
    async destroy(variables = {}) {
      await terraform("destroy", "-auto-approve", ...flagsOf(variables));
    },
    [Symbol.asyncDispose]: () => directory[Symbol.asyncDispose](),
  };
}

function environment(cwd?: string): NodeJS.ProcessEnv {
  return {
    PATH: process.env["PATH"],
    HOME: homedir(),
    CHECKPOINT_DISABLE: "1",
    TF_CLI_CONFIG_FILE: cwd === undefined ? "/dev/null" : join(cwd, "terraformrc"),
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    AWS_EC2_METADATA_DISABLED: "true",
  };
}

/** Of two regions; the second is for resources that say `provider = aws.west`. */
function providerOf(endpoint: string): string {
  const services = ["ec2", "elasticache", "iam", "sts"];
  const settings = (region: string) => `
  region                      = "${region}"
  skip_credentials_validation = true
  endpoints {
    ${services.map((service) => `${service} = "${endpoint}"`).join("\n    ")}
  }`;
  return `
terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}
provider "aws" {${settings("us-east-1")}
}
provider "aws" {
  alias = "west"${settings("us-west-2")}
}
`;
}

function flagsOf(variables: Variables): readonly string[] {
  return Object.entries(variables).map(([name, value]) => `-var=${name}=${value}`);
}
