/** What a subnet group is asked to be. The default group is not stored. */
export interface SubnetGroupSpec {
  readonly description: string;
  readonly subnetIds: readonly string[];
}
