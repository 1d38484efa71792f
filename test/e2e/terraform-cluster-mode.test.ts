import { startServer } from "@larder/testkit/server.ts";
import { expect, test } from "vitest";
import { terraformOf, terraformProblem } from "./support/terraform.ts";

const configuration = `
variable "step" { type = number }
locals { first = var.step == 1 }

resource "aws_elasticache_parameter_group" "cluster" {
  name   = "in-cluster-mode"
  family = "redis7"
  parameter {
    name  = "cluster-enabled"
    value = "yes"
  }
  parameter {
    name  = "maxmemory-policy"
    value = local.first ? "allkeys-lru" : "noeviction"
  }
}
resource "aws_elasticache_replication_group" "orders" {
  replication_group_id       = "orders"
  description                = "step \${var.step}"
  engine                     = "redis"
  node_type                  = "cache.t4g.small"
  num_node_groups            = local.first ? 2 : 3
  replicas_per_node_group    = local.first ? 1 : 2
  automatic_failover_enabled = true
  multi_az_enabled           = local.first
  parameter_group_name       = aws_elasticache_parameter_group.cluster.name
  apply_immediately          = true
  tags                       = { step = var.step }
}
resource "aws_elasticache_replication_group" "scores" {
  replication_group_id       = "scores"
  description                = "cluster mode by name"
  engine                     = "valkey"
  node_type                  = local.first ? "cache.t4g.small" : "cache.t4g.medium"
  cluster_mode               = "enabled"
  num_node_groups            = local.first ? 2 : 1
  replicas_per_node_group    = 1
  automatic_failover_enabled = true
  parameter_group_name       = "default.valkey8.cluster.on"
  apply_immediately          = true
}
resource "aws_elasticache_replication_group" "moved" {
  replication_group_id       = "moved"
  description                = "into cluster mode"
  engine                     = "redis"
  node_type                  = "cache.t4g.small"
  cluster_mode               = local.first ? "disabled" : "compatible"
  num_cache_clusters         = 2
  automatic_failover_enabled = true
  apply_immediately          = true
}
data "aws_elasticache_replication_group" "orders" {
  replication_group_id = aws_elasticache_replication_group.orders.id
}
output "seen" {
  value = {
    members       = length(data.aws_elasticache_replication_group.orders.member_clusters)
    configuration = data.aws_elasticache_replication_group.orders.configuration_endpoint_address == aws_elasticache_replication_group.orders.configuration_endpoint_address
    cluster       = aws_elasticache_replication_group.orders.cluster_enabled
    mode          = aws_elasticache_replication_group.scores.cluster_mode
    shards        = aws_elasticache_replication_group.scores.num_node_groups
    moved         = aws_elasticache_replication_group.moved.cluster_mode
  }
}
`;

test.skipIf(terraformProblem !== null)(
  `Terraform applies caches in cluster mode and changes them, and every plan in between is empty${
    terraformProblem === null ? "" : ` (skipped: ${terraformProblem})`
  }`,
  { timeout: 1_200_000 },
  async () => {
    await using server = await startServer();
    await using terraform = await terraformOf(configuration, server.endpoint);
    const seen = { configuration: true, cluster: true, mode: "enabled" };
    const first = { ...seen, members: 4, shards: 2, moved: "disabled" };
    const second = { ...seen, members: 9, shards: 1, moved: "compatible" };
    expect(await terraform.apply({ step: "1" })).toEqual({ seen: first });
    expect(await terraform.plan({ step: "1" })).toBe("");
    expect(await terraform.apply({ step: "2" })).toEqual({ seen: second });
    expect(await terraform.plan({ step: "2" })).toBe("");
    await terraform.destroy({ step: "2" });
  },
);
