/** What a custom parameter group is asked to be. Default groups are not stored. */
export interface ParameterGroupSpec {
  /** E.g. "redis7". */
  readonly family: string;
  readonly description: string;
  /** Only the values that callers set, even to what the family has by default. */
  readonly values: Readonly<Record<string, string>>;
}
