import * as sdk from "@aws-sdk/client-sts";
import type { Call } from "../../aws/call.ts";
import { notImplemented, type NotImplemented } from "../../aws/not-implemented.ts";
import { queryProtocol } from "../../aws/query/protocol.ts";
import { type AwsService, defineService } from "../../aws/service.ts";

type OperationName = {
  [K in keyof typeof sdk]: K extends `${infer N}Command` ? (N extends "$" ? never : N) : never;
}[keyof typeof sdk];

type Operation = (input: never, call: Call) => object;

const noTemporaryKeys = notImplemented("there are no temporary credentials");

const operations: { readonly [N in OperationName]: Operation | NotImplemented } = {
  AssumeRole: noTemporaryKeys,
  AssumeRoleWithSAML: noTemporaryKeys,
  AssumeRoleWithWebIdentity: noTemporaryKeys,
  AssumeRoot: noTemporaryKeys,
  DecodeAuthorizationMessage: notImplemented("refusals carry no encoded message"),
  GetAccessKeyInfo: notImplemented("access keys are not looked up by id"),
  GetCallerIdentity: getCallerIdentity,
  GetDelegatedAccessToken: noTemporaryKeys,
  GetFederationToken: noTemporaryKeys,
  GetScopedCredentials: noTemporaryKeys,
  GetSessionToken: noTemporaryKeys,
  GetWebIdentityToken: noTemporaryKeys,
};

/** The Security Token Service: tells callers who they are. */
export function createStsService(): AwsService {
  return defineService({
    name: "sts",
    version: "2011-06-15",
    xmlNamespace: "https://sts.amazonaws.com/doc/2011-06-15/",
    protocol: queryProtocol,
    sdk,
    operations,
    context: (call) => call,
  });
}

function getCallerIdentity(_input: never, call: Call): sdk.GetCallerIdentityResponse {
  return { Account: call.account, Arn: call.principal.arn, UserId: call.principal.userId };
}
