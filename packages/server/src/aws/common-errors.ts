/**
 * HTTP status of the error codes that every AWS service shares ("Common errors" of each API
 * reference), and of the few that Larder adds. A service's own error schemas come first.
 */
export const commonErrorStatus: ReadonlyMap<string, number> = new Map([
  ["AccessDenied", 403],
  ["AccessDeniedException", 403],
  ["IncompleteSignature", 400],
  ["InternalFailure", 500],
  ["InvalidAction", 400],
  ["InvalidClientTokenId", 403],
  ["InvalidParameterCombination", 400],
  ["InvalidParameterValue", 400],
  ["MalformedQueryString", 400],
  ["MethodNotAllowed", 405],
  ["MissingAction", 400],
  ["MissingAuthenticationToken", 403],
  ["MissingParameter", 400],
  ["NotImplemented", 501],
  ["OptInRequired", 403],
  ["RequestEntityTooLarge", 413],
  ["RequestExpired", 400],
  ["ServiceUnavailable", 503],
  ["SignatureDoesNotMatch", 403],
  ["Throttling", 400],
  ["ValidationError", 400],
]);
