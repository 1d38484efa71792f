import { expect, test } from "vitest";
import { revisionIn } from "./package-revision.ts";

const status = `Package: redis-server
Status: install ok installed
Version: 5:7.0.15-1~deb12u10
Description: store

Package: valkey-server
Status: install ok installed
Version: 8.0.1+dfsg1-1~bpo12+1

Package: memcached
Status: deinstall ok config-files
Version: 1.6.18-1
`;

test.each([
  ["redis-server", "1~deb12u10"],
  ["valkey-server", "1~bpo12+1"],
  ["memcached", null],
  ["redis", null],
])("the revision of %s is %s", (name, revision) => {
  expect(revisionIn(status, name)).toBe(revision);
});
