import {
  paginateDescribeEvents,
  type DescribeEventsMessage,
  type CreateReplicationGroupMessage,
} from "@aws-sdk/client-elasticache";
import { GetCallerIdentityCommand, GetSessionTokenCommand, STSClient } from "@aws-sdk/client-sts";
import { Fault } from "@larder/server/aws/fault.ts";
import { page } from "@larder/server/aws/pagination.ts";
import { createStsService } from "@larder/server/services/sts/service.ts";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { commandOf, elastiCacheWith } from "./support/elasticache.ts";
import { account, clientOf, credentials, startHttp } from "./support/server.ts";

const events = Array.from({ length: 250 }, (_, n) => ({
  Message: `event ${n}`,
  SourceIdentifier: String(n).padStart(3, "0"),
  Date: new Date(Date.UTC(2024, 0, 1, 0, 0, n, 7)),
}));

const service = elastiCacheWith({
  CreateReplicationGroup: (input: CreateReplicationGroupMessage, { region }) => ({
    ReplicationGroup: {
      Description: input.ReplicationGroupDescription,
      ARN: region,
      NodeGroups: input.NodeGroupConfiguration?.map((group) => ({
        NodeGroupId: group.NodeGroupId,
        Slots: group.ReplicaAvailabilityZones?.join(","),
      })),
      PendingModifiedValues: {},
    },
  }),
  DescribeEvents: (input: DescribeEventsMessage) => {
    const paging = {
      operation: "DescribeEvents",
      keyOf: (e: (typeof events)[0]) => e.SourceIdentifier,
    };
    const { page: Events, Marker } = page(events, input, paging);
    return { Events, Marker };
  },
  DescribeCacheClusters: () => {
    throw new Fault("CacheClusterNotFound", 'CacheCluster not found: <none> & "nobody".');
  },
  DescribeUsers: () => {
    throw new Error("the secret path /etc/larder is broken");
  },
  DescribeUserGroups: () => {
    throw new Fault("NoSuchCode", "a code that no model has");
  },
});

let server: Awaited<ReturnType<typeof startHttp>>;
let client: ReturnType<typeof clientOf>;
beforeAll(async () => {
  server = await startHttp([service, createStsService()]);
  client = clientOf(server.url, "eu-central-1");
});
afterAll(async () => {
  client.destroy();
  await server.close();
});

test("nested lists arrive, and the region is the signature's", async () => {
  const answer = await client.send(
    commandOf("CreateReplicationGroup", {
      ReplicationGroupId: "a",
      ReplicationGroupDescription: "<b> & ünïcode ' \" ]]>",
      NodeGroupConfiguration: [
        { NodeGroupId: "0001", ReplicaAvailabilityZones: ["x", "y"] },
        { NodeGroupId: "0002", ReplicaAvailabilityZones: ["z"] },
      ],
    }),
  );
  expect(answer).toMatchObject({
    ReplicationGroup: {
      Description: "<b> & ünïcode ' \" ]]>",
      ARN: "eu-central-1",
      NodeGroups: [
        { NodeGroupId: "0001", Slots: "x,y" },
        { NodeGroupId: "0002", Slots: "z" },
      ],
      PendingModifiedValues: {},
    },
  });
  expect(answer.$metadata.requestId).toMatch(/^[0-9a-f-]{36}$/);
});

test("the SDK's paginator sees every event once", async () => {
  const seen = [];
  for await (const { Events } of paginateDescribeEvents({ client, pageSize: 20 }, {})) {
    seen.push(...(Events ?? []));
  }
  expect(seen).toEqual(events);
});

describe("errors", () => {
  const failing = (name: string, input: object = {}) =>
    client.send(commandOf(name, input)).then(
      () => expect.unreachable("the call succeeded"),
      (error: unknown) => error,
    );

  test("of the model have its class, code and status", async () => {
    expect(await failing("DescribeCacheClusters")).toMatchObject({
      name: "CacheClusterNotFoundFault",
      Code: "CacheClusterNotFound",
      Type: "Sender",
      message: 'CacheCluster not found: <none> & "nobody".',
      $fault: "client",
      $metadata: { httpStatusCode: 404 },
    });
  });

  test("of an operation that is not offered are NotImplemented", async () => {
    expect(await failing("DeleteUser", { UserId: "a" })).toMatchObject({
      name: "NotImplemented",
      $metadata: { httpStatusCode: 501 },
      message: "DeleteUser is not implemented: the test has no handler for it.",
    });
  });

  test.each(["DescribeUsers", "DescribeUserGroups"])(
    "of a bug in %s tell nothing but where to look",
    async (name) => {
      const error = await failing(name);
      expect(error).toMatchObject({ name: "InternalFailure", $metadata: { httpStatusCode: 500 } });
      const { requestId } = (error as { $metadata: { requestId: string } }).$metadata;
      const line = server.log.lines.find(
        (at) => at.level === "error" && at.fields["requestId"] === requestId,
      );
      const logged = line?.fields["err"] as Error;
      const origin = (logged.cause ?? logged) as Error;
      expect(origin.stack).toContain("sdk.test.ts");
      expect((error as Error).message).not.toContain("secret path");
      expect((error as Error).message).toContain(requestId);
    },
  );
});

test("the audit log shows who asked for what, and no secret", async () => {
  await client.send(
    commandOf("CreateReplicationGroup", {
      ReplicationGroupId: "audited",
      ReplicationGroupDescription: "b",
      AuthToken: "correct-horse-battery",
    }),
  );
  const line = server.log.lines.at(-1);
  expect(line).toMatchObject({
    message: "request answered",
    fields: {
      service: "elasticache",
      action: "CreateReplicationGroup",
      region: "eu-central-1",
      accessKeyId: credentials.accessKeyId,
      status: 200,
      code: null,
      input: { ReplicationGroupId: "audited", AuthToken: "[redacted]" },
    },
  });
  const everything = JSON.stringify(server.log.lines);
  expect(everything).not.toContain("correct-horse-battery");
  expect(everything).not.toContain(credentials.secretAccessKey);
});

describe("sts", () => {
  const options = { region: "us-east-1", credentials, maxAttempts: 1 };
  test("says who the caller is", async () => {
    using sts = disposable(new STSClient({ ...options, endpoint: server.url }));
    expect(await sts.send(new GetCallerIdentityCommand({}))).toMatchObject({
      Account: account,
      Arn: `arn:aws:iam::${account}:root`,
      UserId: account,
    });
  });
  test("offers nothing else", async () => {
    using sts = disposable(new STSClient({ ...options, endpoint: server.url }));
    await expect(sts.send(new GetSessionTokenCommand({}))).rejects.toMatchObject({
      name: "NotImplemented",
      $metadata: { httpStatusCode: 501 },
    });
  });
});

function disposable<T extends { destroy(): void }>(made: T): T & Disposable {
  return Object.assign(made, { [Symbol.dispose]: () => made.destroy() });
}
