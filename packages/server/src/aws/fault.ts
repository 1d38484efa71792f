/**
 * A caller's mistake, answered with AWS's code and never logged as an error. HTTP status and type
 * come from the service's error schemas, or from the table of codes common to all services.
 */
export class Fault extends Error {
  override readonly name = "Fault";
  /** The code on the wire, e.g. "CacheClusterNotFound". */
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}
