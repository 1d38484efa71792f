import { readsEndpointVariable } from "./aws-cli.ts";
import type { AwsCli } from "./aws-cli.ts";
import { shellQuote } from "./shell-quote.ts";

/** What a client needs to reach a server. */
export interface ClientSettings {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly region: string;
  readonly endpoint: string;
}

/**
 * A function of sh, bash and zsh that stands in for `aws`. It reads AWS_ENDPOINT_URL when it is
 * called, so that unsetting the variable undoes it, and comes before the caller's own arguments, so
 * that their --endpoint-url wins. bash also hands it on to the scripts that it starts.
 */
const awsFunction = [
  "aws() {",
  `  if [ -n "\${AWS_ENDPOINT_URL:-}" ]; then`,
  `    command aws --endpoint-url "$AWS_ENDPOINT_URL" "$@"`,
  "  else",
  `    command aws "$@"`,
  "  fi",
  "}",
  `if [ -n "\${BASH_VERSION:-}" ]; then export -f aws; fi`,
];

/** The lines of `larder env`, for `eval "$(npx larder env)"`. */
export function envLines(settings: ClientSettings, awsCli: AwsCli): readonly string[] {
  const variables = {
    AWS_ACCESS_KEY_ID: settings.accessKeyId,
    AWS_SECRET_ACCESS_KEY: settings.secretAccessKey,
    AWS_DEFAULT_REGION: settings.region,
    AWS_REGION: settings.region,
    AWS_ENDPOINT_URL: settings.endpoint,
  };
  return [
    ...Object.entries(variables).map(([name, value]) => `export ${name}=${shellQuote(value)}`),
    // A session token of other credentials would make every request's signature wrong.
    "unset AWS_SESSION_TOKEN AWS_PROFILE",
    ...functionLines(awsCli),
  ];
}

function functionLines(awsCli: AwsCli): readonly string[] {
  if (awsCli === "missing") return [];
  if (awsCli === "unreadable") {
    return [
      "# The version of aws could not be read; this passes the endpoint to any.",
      ...awsFunction,
    ];
  }
  if (readsEndpointVariable(awsCli)) return [];
  const version = `${awsCli.major}.${awsCli.minor}`;
  return [
    `# aws ${version} does not read AWS_ENDPOINT_URL (1.29 and 2.13 do); this passes it on.`,
    ...awsFunction,
  ];
}
