/** What a subnet group is asked to be. The default group is not stored. */
export interface SubnetGroupSpec {
  readonly description: string;
  /** The VPC of all its subnets. */
  readonly vpcId: string;
  readonly subnetIds: readonly string[];
}
