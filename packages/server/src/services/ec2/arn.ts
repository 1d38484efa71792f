import { partitionOf } from "../../resources/arn.ts";
import type { Home } from "../../resources/ref.ts";

/** The ARN of a resource of EC2. */
export function ec2Arn(home: Home, type: string, id: string): string {
  return `arn:${partitionOf(home.region)}:ec2:${home.region}:${home.account}:${type}/${id}`;
}
