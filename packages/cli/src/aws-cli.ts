import { execFile } from "node:child_process";

/** The version of an installed AWS CLI. */
export interface AwsCliVersion {
  readonly major: number;
  readonly minor: number;
}

/** Reads what `aws --version` prints ("aws-cli/2.9.19 Python/…"); null if it is not that. */
export function parseAwsCliVersion(printed: string): AwsCliVersion | null {
  const found = /^aws-cli\/(\d+)\.(\d+)/.exec(printed);
  return found === null ? null : { major: Number(found[1]), minor: Number(found[2]) };
}

/**
 * Whether that AWS CLI reads AWS_ENDPOINT_URL: 1.29 and 2.13 were the first to. Debian 12 ships
 * 2.9.
 */
export function readsEndpointVariable({ major, minor }: AwsCliVersion): boolean {
  if (major === 1) return minor >= 29;
  return major > 2 || (major === 2 && minor >= 13);
}

/** What is known of the `aws` that a shell would run. */
export type AwsCli = AwsCliVersion | "missing" | "unreadable";

/** Asks the `aws` on PATH for its version. Never rejects. */
export function findAwsCli(): Promise<AwsCli> {
  const found = Promise.withResolvers<AwsCli>();
  execFile("aws", ["--version"], { timeout: 5_000 }, (error, stdout, stderr) => {
    // A name that is not on PATH; anything else that goes wrong says nothing of the version.
    if (error?.code === "ENOENT") found.resolve("missing");
    // The AWS CLI 1 of old printed its version on standard error.
    else found.resolve(parseAwsCliVersion(stdout) ?? parseAwsCliVersion(stderr) ?? "unreadable");
  });
  return found.promise;
}
