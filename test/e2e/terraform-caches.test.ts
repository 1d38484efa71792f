import { startServer } from "@larder/testkit/server.ts";
import { expect, test } from "vitest";
import { terraformOf, terraformProblem } from "./support/terraform.ts";

// Two steps of one configuration: everything that can change without a replacement changes between.
const configuration = `
variable "step" { type = number }

locals {
  first  = var.step == 1
  window = local.first ? "mon:03:00-mon:04:00" : "tue:03:00-tue:04:00"
}

data "aws_subnets" "default" {}
data "aws_security_group" "default" { name = "default" }

resource "aws_elasticache_subnet_group" "caches" {
  name        = "caches"
  description = "step \${var.step}"
  subnet_ids  = data.aws_subnets.default.ids
}
resource "aws_elasticache_parameter_group" "redis" {
  name   = "redis-settings"
  family = "redis7"
  parameter {
    name  = "maxmemory-policy"
    value = local.first ? "allkeys-lru" : "noeviction"
  }
  dynamic "parameter" {
    for_each = local.first ? [] : ["Ex"]
    content {
      name  = "notify-keyspace-events"
      value = parameter.value
    }
  }
  tags = { step = var.step }
}
resource "aws_elasticache_parameter_group" "memcached" {
  name   = "memcached-settings"
  family = "memcached1.6"
  parameter {
    name  = "max_item_size"
    value = "2097152"
  }
}

resource "aws_elasticache_cluster" "memcached" {
  cluster_id                   = "items"
  engine                       = "memcached"
  node_type                    = "cache.t4g.micro"
  num_cache_nodes              = local.first ? 2 : 3
  az_mode                      = "cross-az"
  parameter_group_name         = aws_elasticache_parameter_group.memcached.name
  subnet_group_name            = aws_elasticache_subnet_group.caches.name
  security_group_ids           = [data.aws_security_group.default.id]
  maintenance_window           = local.window
  apply_immediately            = true
  tags                         = { step = var.step }
}
resource "aws_elasticache_cluster" "redis" {
  cluster_id           = "sessions"
  engine               = "redis"
  engine_version       = local.first ? "7.0" : "7.1"
  node_type            = "cache.t4g.micro"
  num_cache_nodes      = 1
  port                 = 6380
  availability_zone    = "us-east-1b"
  parameter_group_name = local.first ? aws_elasticache_parameter_group.redis.name : "default.redis7"
  maintenance_window   = local.window
  apply_immediately    = true
}
resource "aws_elasticache_cluster" "valkey" {
  cluster_id                 = "scores"
  engine                     = "valkey"
  node_type                  = local.first ? "cache.t4g.small" : "cache.t4g.medium"
  num_cache_nodes            = 1
  auto_minor_version_upgrade = local.first
  apply_immediately          = true
}

resource "aws_elasticache_replication_group" "shop" {
  replication_group_id        = "shop"
  description                 = "step \${var.step}"
  engine                      = "redis"
  node_type                   = "cache.t4g.small"
  num_cache_clusters          = local.first ? 2 : 3
  preferred_cache_cluster_azs = local.first ? ["us-east-1a", "us-east-1c"] : null
  automatic_failover_enabled  = true
  multi_az_enabled            = local.first
  parameter_group_name        = aws_elasticache_parameter_group.redis.name
  subnet_group_name           = aws_elasticache_subnet_group.caches.name
  security_group_ids          = [data.aws_security_group.default.id]
  maintenance_window          = local.window
  apply_immediately           = true
  tags                        = { step = var.step }
}
resource "aws_elasticache_replication_group" "moved" {
  replication_group_id = "moved"
  description          = "from redis to valkey"
  engine               = local.first ? "redis" : "valkey"
  engine_version       = local.first ? "7.1" : "8.0"
  parameter_group_name = local.first ? "default.redis7" : "default.valkey8"
  node_type            = "cache.t4g.small"
  num_cache_clusters   = 1
  apply_immediately    = true
}
resource "aws_elasticache_replication_group" "scores" {
  replication_group_id       = "scores-group"
  description                = "valkey"
  engine                     = "valkey"
  node_type                  = local.first ? "cache.t4g.small" : "cache.t4g.medium"
  num_node_groups            = 1
  replicas_per_node_group    = 1
  automatic_failover_enabled = !local.first
  apply_immediately          = true
}

# A replica that is a resource of its own. Not the last one: as on AWS, that one cannot be deleted.
resource "aws_elasticache_replication_group" "news" {
  replication_group_id = "news"
  description          = "its replica is asked for as a cluster"
  engine               = "redis"
  node_type            = "cache.t4g.small"
  num_cache_clusters   = 2
  lifecycle { ignore_changes = [num_cache_clusters] }
}
resource "aws_elasticache_cluster" "news_replica" {
  cluster_id           = "news-replica"
  replication_group_id = aws_elasticache_replication_group.news.id
  apply_immediately    = true
}

data "aws_elasticache_cluster" "memcached" { cluster_id = aws_elasticache_cluster.memcached.id }
data "aws_elasticache_replication_group" "shop" {
  replication_group_id = aws_elasticache_replication_group.shop.id
}
data "aws_elasticache_subnet_group" "caches" { name = aws_elasticache_subnet_group.caches.name }
data "aws_elasticache_reserved_cache_node_offering" "one" {
  cache_node_type     = "cache.t4g.small"
  duration            = "P1Y"
  offering_type       = "No Upfront"
  product_description = "redis"
}
resource "aws_elasticache_reserved_cache_node" "one" {
  reserved_cache_nodes_offering_id = data.aws_elasticache_reserved_cache_node_offering.one.offering_id
  id                               = "spring"
  cache_node_count                 = 1
}

output "seen" {
  value = {
    nodes      = length(data.aws_elasticache_cluster.memcached.cache_nodes)
    discovery  = endswith(aws_elasticache_cluster.memcached.configuration_endpoint, ":11211")
    members    = length(data.aws_elasticache_replication_group.shop.member_clusters)
    primary    = data.aws_elasticache_replication_group.shop.primary_endpoint_address == aws_elasticache_replication_group.shop.primary_endpoint_address
    subnets    = length(data.aws_elasticache_subnet_group.caches.subnet_ids)
    redis_port = aws_elasticache_cluster.redis.cache_nodes[0].port
    replica    = aws_elasticache_cluster.news_replica.engine
    reserved   = aws_elasticache_reserved_cache_node.one.cache_node_count
  }
}
`;

test.skipIf(terraformProblem !== null)(
  `Terraform applies caches and changes them, and every plan in between is empty${
    terraformProblem === null ? "" : ` (skipped: ${terraformProblem})`
  }`,
  { timeout: 1_200_000 },
  async () => {
    await using server = await startServer();
    await using terraform = await terraformOf(configuration, server.endpoint);
    const seen = {
      ...{ nodes: 2, discovery: true, members: 2, primary: true, subnets: 3 },
      ...{ redis_port: 6380, replica: "redis", reserved: 1 },
    };
    expect(await terraform.apply({ step: "1" })).toEqual({ seen });
    expect(await terraform.plan({ step: "1" })).toBe("");
    expect(await terraform.apply({ step: "2" })).toEqual({
      seen: { ...seen, nodes: 3, members: 3 },
    });
    expect(await terraform.plan({ step: "2" })).toBe("");
    await terraform.destroy({ step: "2" });
  },
);
