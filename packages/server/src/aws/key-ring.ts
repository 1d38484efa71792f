import type { Principal } from "./call.ts";

/** An access key: whose it is, and the secret that signs with it. */
export interface AccessKey {
  readonly secret: string;
  readonly account: string;
  readonly principal: Principal;
}

/** The access keys that requests may be signed with. */
export interface KeyRing {
  lookup(accessKeyId: string): AccessKey | undefined;
}

/** A key ring that holds just the account's root key. */
export function rootKeyRing(root: {
  readonly accessKeyId: string;
  readonly secret: string;
  readonly account: string;
}): KeyRing {
  const { accessKeyId, secret, account } = root;
  const principal = { arn: `arn:aws:iam::${account}:root`, userId: account, accessKeyId };
  return {
    lookup: (asked) => (asked === accessKeyId ? { secret, account, principal } : undefined),
  };
}
