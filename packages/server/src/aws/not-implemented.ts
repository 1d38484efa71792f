/**
 * Stands in a service's table of operations for one that Larder does not offer. Callers get the code
 * NotImplemented with HTTP status 501 and the reason.
 */
export interface NotImplemented {
  readonly notImplemented: string;
}

/** `reason` completes "X is not implemented: …", for example "self-hosted nodes are not sold". */
export function notImplemented(reason: string): NotImplemented {
  return { notImplemented: reason };
}
