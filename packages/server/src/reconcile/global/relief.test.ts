import { describe, expect, test } from "vitest";
import type { ReplicationView } from "../../engine/engine.ts";
import type {
  GlobalReplicationGroupStatus,
  MemberName,
} from "../../resources/global-replication-group.ts";
import type { Resource } from "../../resources/resource.ts";
import type { Upstream, UpstreamLink } from "../../resources/upstream.ts";
import type { SeenGlobalMember } from "./observe.ts";
import { relieve } from "./relief.ts";

const near: MemberName = { region: "us-east-1", id: "near" };
const far: MemberName = { region: "eu-west-1", id: "far" };
const stream = "a".repeat(40);
const at = (ms: number) => new Date(Date.parse("2026-01-01T00:00:00Z") + ms);

/** A datastore of two whose primary is to be `wanted`. */
function globalOf(wanted: MemberName, status: Partial<GlobalReplicationGroupStatus> = {}) {
  const members = [near, far].map((one) => ({ ...one, leaving: false }));
  return {
    ...{ kind: "global-replication-group", account: "0", region: "", id: "ldgnf-g" },
    spec: { description: "", members, primary: wanted, changes: 0 },
    status: {
      ...{ state: "available", settledGeneration: 1, because: "", primary: near, relief: null },
      ...{ associated: [], holders: ["us-east-1/near", "eu-west-1/far"] },
      ...status,
    },
  } as unknown as Resource<"global-replication-group">;
}

interface Look {
  readonly role?: ReplicationView["role"];
  readonly offset?: number;
  readonly id?: string;
  readonly upstream?: Upstream | null;
  readonly link?: UpstreamLink | null;
  readonly dataLost?: boolean;
  readonly readable?: boolean;
}

function seenOf(member: MemberName, look: Look): SeenGlobalMember {
  const { role = "replica", offset = 100, id = stream, dataLost = false } = look;
  const { upstream = null, link: upstreamLink = null, readable = true } = look;
  const view: ReplicationView = { role, replicationId: id, offset, link: null, replicas: [] };
  const shardId = `replication-group/${member.id}/0001`;
  const asked = { upstream };
  const status = { upstreamLink, dataLost };
  const shard = { id: shardId, spec: asked, status } as Resource<"shard">;
  return {
    member: { ...member, leaving: false },
    group: {} as Resource<"replication-group">,
    shards: [{ shard, view: readable ? view : null }],
  };
}

const nobody: Upstream = { kind: "none" };
const following: Look = { link: "up", upstream: nobody };
const fenced: Look = { upstream: nobody, link: "fenced" };
const relief = { fenced: true, since: at(0).toISOString(), isRecovery: false };

describe("a change of primary", () => {
  test("does not begin while the one there is will do", () => {
    const seen = [seenOf(near, { role: "primary" }), seenOf(far, following)];
    expect(relieve(globalOf(near), seen, at(0)).status).toMatchObject({ relief: null });
  });

  test("has the old primary refuse writes first, but only for an heir that follows", () => {
    const old = seenOf(near, { role: "primary" });
    const ready = relieve(globalOf(far), [old, seenOf(far, following)], at(0)).status;
    expect(ready).toMatchObject({ primary: near, relief: { fenced: true } });
    const lame = [old, seenOf(far, { link: "down", upstream: nobody })];
    expect(relieve(globalOf(far), lame, at(0)).status).toMatchObject({ relief: { fenced: false } });
  });

  test.each([
    ["the heir has everything", fenced, { offset: 100 }, "far"],
    ["the heir lacks something", fenced, { offset: 99 }, "near"],
    ["the heir is of another stream", fenced, { offset: 900, id: "b".repeat(40) }, "near"],
    ["the old primary still takes writes", { role: "primary" }, { offset: 100 }, "near"],
    ["it is told, but does not refuse yet", { ...fenced, role: "primary" }, {}, "near"],
    ["the old primary cannot be read", { ...fenced, readable: false }, {}, "near"],
    ["the old primary lost its data", { readable: false, dataLost: true }, {}, "far"],
    ["the old primary came back empty", { ...fenced, offset: 0 }, {}, "far"],
  ] as const)("when %s", (_, old: Look, heir: Look, primary) => {
    const seen = [seenOf(near, old), seenOf(far, { ...following, ...heir })];
    const { status } = relieve(globalOf(far, { relief }), seen, at(100));
    expect(status.primary.id).toBe(primary);
  });

  test("is called off when the heir does not catch up", () => {
    const seen = [seenOf(near, fenced), seenOf(far, { ...following, offset: 1 })];
    const soon = relieve(globalOf(far, { relief }), seen, at(30_000));
    expect(soon.spec.primary).toEqual(far);
    const late = relieve(globalOf(far, { relief }), seen, at(30_001));
    expect(late).toMatchObject({
      spec: { primary: near },
      status: { primary: near, relief: null },
    });
    expect(late.events).toMatchObject([{ sourceId: "far", region: "eu-west-1" }]);
  });
});

describe("a primary that lost its data", () => {
  const lost = seenOf(near, { dataLost: true, readable: false });

  test("is stood in for by a member that holds it, and gets the role back", () => {
    const first = relieve(globalOf(near), [lost, seenOf(far, following)], at(0)).status;
    expect(first).toMatchObject({ primary: far, relief: { isRecovery: true, fenced: false } });
    const copying = [seenOf(near, { link: "syncing" }), seenOf(far, { role: "primary" })];
    // However long the copy takes.
    const later = relieve(globalOf(near, first), copying, at(3_600_000)).status;
    expect(later).toMatchObject({ primary: far, relief: { fenced: false } });
    const copied = [seenOf(near, { link: "up" }), seenOf(far, { role: "primary" })];
    const relieving = relieve(globalOf(near, later), copied, at(3_600_100)).status;
    expect(relieving).toMatchObject({ primary: far, relief: { fenced: true } });
    const inStep = [seenOf(near, { link: "up" }), seenOf(far, fenced)];
    const end = relieve(globalOf(near, relieving), inStep, at(3_600_200)).status;
    expect(end).toMatchObject({ primary: near, relief: null });
  });

  test("is left to itself when nobody else holds it", () => {
    const status = { holders: [] };
    const seen = [lost, seenOf(far, { ...following, offset: 0 })];
    expect(relieve(globalOf(near, status), seen, at(0)).status.primary).toEqual(near);
  });
});

describe("members of several shards", () => {
  /** A member whose shards were each seen as one of `looks` says. */
  function sharded(member: MemberName, ...looks: readonly Look[]): SeenGlobalMember {
    const shards = looks.flatMap((look, index) =>
      seenOf(member, look).shards.map(({ shard, view }) => ({
        shard: { ...shard, id: `replication-group/${member.id}/000${index + 1}` },
        view,
      })),
    );
    return { ...seenOf(member, {}), shards };
  }
  const lost: Look = { dataLost: true, readable: false };

  test("change roles once each shard of the heir has what its like acknowledged", () => {
    const [done, behind] = [
      { ...following, offset: 100 },
      { ...following, offset: 99 },
    ];
    const old = sharded(near, fenced, fenced);
    const early = relieve(globalOf(far, { relief }), [old, sharded(far, done, behind)], at(100));
    expect(early.status.primary).toEqual(near);
    const ready = relieve(globalOf(far, { relief }), [old, sharded(far, done, done)], at(100));
    expect(ready.status.primary).toEqual(far);
  });

  test("refuse writes only once the heir follows each shard that has something to give", () => {
    const old = sharded(near, { role: "primary" }, { role: "primary" });
    const lame = sharded(far, following, { ...following, link: "down" });
    expect(relieve(globalOf(far), [old, lame], at(0)).status.relief).toMatchObject({
      fenced: false,
    });
    const halfLost = sharded(near, { role: "primary" }, lost);
    expect(relieve(globalOf(far), [halfLost, lame], at(0)).status.relief).toMatchObject({
      fenced: true,
    });
  });

  test("of which one lost its data are stood in for with what the others acknowledged", () => {
    const heir = sharded(far, following, { ...following, link: "down" });
    const first = relieve(
      globalOf(near),
      [sharded(near, { role: "primary" }, lost), heir],
      at(0),
    ).status;
    expect(first).toMatchObject({ primary: near, relief: { fenced: true, isRecovery: true } });
    const next = relieve(
      globalOf(near, { relief: first.relief }),
      [sharded(near, fenced, lost), heir],
      at(100),
    );
    expect(next.status).toMatchObject({ primary: far, relief: { fenced: false } });
    expect(next.events).toMatchObject([{ sourceId: "far" }]);
  });
});
