import { bad, type BadRequest } from "./bad-request.ts";

const value = "InvalidParameterValue";
const badState = "InvalidReplicationGroupState";

const migrations = ["TestMigration", "StartMigration"] as const;
const source = { Address: "127.0.0.1", Port: 6379 };

/** Requests to migrate that nobody should send. */
export const badMigrationRequests: readonly BadRequest[] = [
  ...migrations.flatMap((operation) => [
    badSource(operation, [], value, /exactly one/),
    badSource(operation, [source, source], value, /exactly one/),
    ...[
      ...["", "a b", "a\nreplicaof", "127.0.0.1\r\nFLUSHALL", "-x", "169.254.169.254", "0.0.0.0"],
      ...["224.0.0.1", "fe80::1", "unix:/tmp/x", "a".repeat(254), "http://127.0.0.1"],
    ].map((Address) => badSource(operation, [{ ...source, Address }], value, /Address/)),
    ...[0, -1, 65_536].map((Port) => badSource(operation, [{ ...source, Port }], value, /Port/)),
    bad(
      operation,
      { ReplicationGroupId: "manual", CustomerNodeEndpointList: [source] },
      badState,
      /Multi-AZ must be enabled/,
    ),
  ]),
  bad(
    "CompleteMigration",
    { ReplicationGroupId: "shop" },
    "ReplicationGroupNotUnderMigrationFault",
    /not under migration/,
  ),
];

function badSource(
  operation: (typeof migrations)[number],
  list: readonly object[],
  code: string,
  message: RegExp,
): BadRequest {
  const input = { ReplicationGroupId: "shop", CustomerNodeEndpointList: list };
  return bad(operation, input, code, message);
}
