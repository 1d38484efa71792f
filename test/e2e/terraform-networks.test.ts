import { startServer } from "@larder/testkit/server.ts";
import { expect, test } from "vitest";
import { terraformOf, terraformProblem } from "./support/terraform.ts";

const configuration = `
variable "addresses" { type = string }
variable "description" { type = string }

data "aws_availability_zones" "all" { state = "available" }
data "aws_vpc" "default" { default = true }
data "aws_subnets" "default" {
  filter {
    name   = "vpc-id"
    values = [data.aws_vpc.default.id]
  }
}
data "aws_subnet" "one" {
  vpc_id            = data.aws_vpc.default.id
  availability_zone = "us-east-1b"
}
data "aws_security_group" "default" {
  vpc_id = data.aws_vpc.default.id
  name   = "default"
}

resource "aws_vpc" "main" {
  cidr_block           = cidrsubnet(var.addresses, 2, 2)
  enable_dns_hostnames = true
  tags                 = { Name = "main" }
}
resource "aws_subnet" "main" {
  count             = 2
  vpc_id            = aws_vpc.main.id
  availability_zone = data.aws_availability_zones.all.names[count.index]
  cidr_block        = cidrsubnet(aws_vpc.main.cidr_block, 6, count.index)
  tags              = { Name = var.description }
}
resource "aws_security_group" "cache" {
  name        = "cache"
  description = "for caches"
  vpc_id      = aws_vpc.main.id
  ingress {
    description = var.description
    from_port   = 6379
    to_port     = 6379
    protocol    = "tcp"
    cidr_blocks = [aws_vpc.main.cidr_block]
    self        = true
  }
  egress {
    from_port   = 0
    to_port     = 0
    protocol    = "-1"
    cidr_blocks = ["0.0.0.0/0"]
  }
}
resource "aws_vpc_security_group_ingress_rule" "more" {
  security_group_id            = data.aws_security_group.default.id
  referenced_security_group_id = data.aws_security_group.default.id
  ip_protocol                  = "udp"
  description                  = var.description
  from_port                    = 1
  to_port                      = 2
  tags                         = { Name = var.description }
}
resource "aws_elasticache_subnet_group" "cache" {
  name        = "cache"
  description = var.description
  subnet_ids  = aws_subnet.main[*].id
  tags        = { Name = var.description }
}

output "zone" { value = data.aws_subnet.one.availability_zone }
output "subnets" { value = length(data.aws_subnets.default.ids) }
output "vpc" { value = aws_elasticache_subnet_group.cache.vpc_id == aws_vpc.main.id }
`;

test.skipIf(terraformProblem !== null)(
  `Terraform applies networks and changes them, and every plan in between is empty${
    terraformProblem === null ? "" : ` (skipped: ${terraformProblem})`
  }`,
  { timeout: 300_000 },
  async () => {
    await using server = await startServer();
    await using terraform = await terraformOf(configuration, server.endpoint);
    const first = { addresses: server.cidr, description: "first" };
    expect(await terraform.apply(first)).toEqual({ zone: "us-east-1b", subnets: 3, vpc: true });
    expect(await terraform.plan(first)).toBe("");
    const second = { ...first, description: "second" };
    await terraform.apply(second);
    expect(await terraform.plan(second)).toBe("");
    await terraform.destroy(second);
  },
);
