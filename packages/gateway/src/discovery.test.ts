import { expect, test } from "vitest";
import { clusterKeyReply, configReply } from "./discovery.ts";

const awsSample = {
  version: 12,
  nodes: [
    { host: "myCluster.pc4ldq.0002.use1.cache.amazonaws.com", ip: "10.80.249.27", port: 11_211 },
    { host: "myCluster.pc4ldq.0001.use1.cache.amazonaws.com", ip: "10.82.235.120", port: 11_211 },
  ],
};
const payload =
  "12\n" +
  "myCluster.pc4ldq.0001.use1.cache.amazonaws.com|10.82.235.120|11211 " +
  "myCluster.pc4ldq.0002.use1.cache.amazonaws.com|10.80.249.27|11211\n";

test("the sample of the ElastiCache guide comes out byte for byte", () => {
  expect(configReply(awsSample)).toBe(`CONFIG cluster 0 136\r\n${payload}\r\nEND\r\n`);
});

test("the older key answers with the same payload", () => {
  const key = "VALUE AmazonElastiCache:cluster 0 136";
  expect(clusterKeyReply(awsSample, false)).toBe(`${key}\r\n${payload}\r\nEND\r\n`);
  expect(clusterKeyReply(awsSample, true)).toBe(`${key} 12\r\n${payload}\r\nEND\r\n`);
});

test("an address may be unknown and a cluster empty", () => {
  expect(configReply({ version: 1, nodes: [{ host: "a", ip: "", port: 1 }] })).toBe(
    "CONFIG cluster 0 7\r\n1\na||1\n\r\nEND\r\n",
  );
  expect(configReply({ version: 1, nodes: [] })).toBe("CONFIG cluster 0 3\r\n1\n\n\r\nEND\r\n");
});
