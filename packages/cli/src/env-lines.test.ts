import { execFileSync } from "node:child_process";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseAwsCliVersion, readsEndpointVariable } from "./aws-cli.ts";
import { envLines } from "./env-lines.ts";
import { shellQuote } from "./shell-quote.ts";

const settings = {
  accessKeyId: "AKIAEXAMPLE",
  secretAccessKey: "a/b+c='d $(e)",
  region: "eu-west-1",
  endpoint: "http://127.0.0.1:4566",
};

/** What a shell prints after reading the lines; the aws that `command` finds is a stand-in. */
function afterEval(lines: readonly string[], script: string): string {
  const standIn = `command() { shift; printf '<%s>' "$@"; }`;
  return execFileSync("sh", ["-c", `${standIn}\n${lines.join("\n")}\n${script}`], {
    encoding: "utf8",
  });
}

describe("shellQuote", () => {
  test("leaves plain words alone", () => {
    expect(shellQuote("http://127.0.0.1:4566")).toBe("http://127.0.0.1:4566");
  });

  test("gives the shell back any text, whole", () => {
    const text = fc.string({ unit: "grapheme-ascii", maxLength: 40 });
    fc.assert(
      fc.property(text, (value) => {
        const printed = execFileSync("sh", ["-c", `printf %s ${shellQuote(value)}`]);
        expect(printed.toString()).toBe(value);
      }),
      { numRuns: 60 },
    );
  });
});

describe("envLines", () => {
  test("sets what the SDKs and the AWS CLI read", () => {
    const printed = afterEval(
      envLines(settings, { major: 2, minor: 20 }),
      `printf '%s\\n' "$AWS_ACCESS_KEY_ID" "$AWS_SECRET_ACCESS_KEY" "$AWS_REGION" \\
        "$AWS_DEFAULT_REGION" "$AWS_ENDPOINT_URL"`,
    );
    expect(printed.trim().split("\n")).toEqual([
      settings.accessKeyId,
      settings.secretAccessKey,
      settings.region,
      settings.region,
      settings.endpoint,
    ]);
  });

  test("drops a session token and a profile of other credentials", () => {
    const printed = afterEval(
      ["export AWS_SESSION_TOKEN=old AWS_PROFILE=other", ...envLines(settings, "missing")],
      `printf '%s' "\${AWS_SESSION_TOKEN-gone} \${AWS_PROFILE-gone}"`,
    );
    expect(printed).toBe("gone gone");
  });

  test("adds no function for an aws that reads AWS_ENDPOINT_URL, or where there is none", () => {
    for (const awsCli of [{ major: 2, minor: 13 }, { major: 1, minor: 45 }, "missing"] as const) {
      expect(envLines(settings, awsCli).join("\n")).not.toContain("aws()");
    }
  });

  test("passes the endpoint to an older aws, and says why", () => {
    const lines = envLines(settings, { major: 2, minor: 9 });
    expect(lines.join("\n")).toContain("# aws 2.9 does not read AWS_ENDPOINT_URL");
    expect(afterEval(lines, `aws elasticache "two words"`)).toBe(
      "<--endpoint-url><http://127.0.0.1:4566><elasticache><two words>",
    );
    expect(afterEval(lines, "unset AWS_ENDPOINT_URL; aws s3 ls")).toBe("<s3><ls>");
  });
});

describe("the AWS CLI's version", () => {
  test.each([
    ["aws-cli/2.9.19 Python/3.11.2 Linux/6.1 source/x86_64", { major: 2, minor: 9 }, false],
    ["aws-cli/1.45.11 Python/3.11.7 botocore/1.43.11", { major: 1, minor: 45 }, true],
    ["aws-cli/1.22.34 Python/3.10", { major: 1, minor: 22 }, false],
    ["aws-cli/2.13.0 Python/3.11", { major: 2, minor: 13 }, true],
    ["aws-cli/3.0.0", { major: 3, minor: 0 }, true],
  ])("of %s", (printed, version, reads) => {
    expect(parseAwsCliVersion(printed)).toEqual(version);
    expect(readsEndpointVariable(version)).toBe(reads);
  });

  test("of something else is not known", () => {
    expect(parseAwsCliVersion("pyenv: aws: command not found")).toBeNull();
  });
});
