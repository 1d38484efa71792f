import { startServer } from "@larder/testkit/server.ts";
import { expect, test } from "vitest";
import { terraformOf, terraformProblem } from "./support/terraform.ts";

const configuration = `
variable "step" { type = number }
locals { first = var.step == 1 }

resource "aws_elasticache_parameter_group" "orders" {
  name   = "orders"
  family = "redis7"
  parameter {
    name  = "maxmemory-policy"
    value = local.first ? "allkeys-lru" : "noeviction"
  }
}
resource "aws_elasticache_replication_group" "east" {
  replication_group_id       = "orders-east"
  description                = "east"
  engine                     = "redis"
  node_type                  = "cache.m6g.large"
  num_cache_clusters         = 2
  automatic_failover_enabled = true
  # With a secondary, the provider deletes the parameter group that it was given with it.
  parameter_group_name       = aws_elasticache_parameter_group.orders.name
  apply_immediately          = true
}
resource "aws_elasticache_global_replication_group" "orders" {
  global_replication_group_id_suffix   = "orders"
  primary_replication_group_id         = aws_elasticache_replication_group.east.id
  global_replication_group_description = "step \${var.step}"
}
resource "aws_elasticache_replication_group" "west" {
  provider                    = aws.west
  replication_group_id        = "orders-west"
  description                 = "west"
  global_replication_group_id = aws_elasticache_global_replication_group.orders.global_replication_group_id
  num_cache_clusters          = local.first ? 1 : 2
  apply_immediately           = true
}
output "seen" {
  value = {
    id        = aws_elasticache_global_replication_group.orders.global_replication_group_id
    engine    = aws_elasticache_global_replication_group.orders.engine
    node_type = aws_elasticache_replication_group.west.node_type
    members   = length(aws_elasticache_replication_group.west.member_clusters)
  }
}
`;

test.skipIf(terraformProblem !== null)(
  `Terraform applies a global datastore and changes it, and every plan in between is empty${
    terraformProblem === null ? "" : ` (skipped: ${terraformProblem})`
  }`,
  { timeout: 1_200_000 },
  async () => {
    await using server = await startServer();
    await using terraform = await terraformOf(configuration, server.endpoint);
    const seen = { engine: "redis", node_type: "cache.m6g.large", members: 1 };
    const first = await terraform.apply({ step: "1" });
    expect(first).toMatchObject({ seen });
    expect(first["seen"]).toMatchObject({ id: expect.stringMatching(/^[a-z]{5}-orders$/) });
    expect(await terraform.plan({ step: "1" })).toBe("");
    const second = await terraform.apply({ step: "2" });
    expect(second).toMatchObject({ seen: { ...seen, members: 2 } });
    expect(await terraform.plan({ step: "2" })).toBe("");
    await terraform.destroy({ step: "2" });
  },
);
