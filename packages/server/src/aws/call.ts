/** Who calls, from where, and when: what every operation of every AWS service is told. */
export interface Call {
  readonly requestId: string;
  readonly account: string;
  /** From the signature's credential scope. */
  readonly region: string;
  readonly principal: Principal;
  readonly now: Date;
}

/** Whose key signed the request. */
export interface Principal {
  readonly arn: string;
  readonly userId: string;
  readonly accessKeyId: string;
}
