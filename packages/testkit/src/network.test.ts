import { once } from "node:events";
import { createServer } from "node:net";
import { describe, expect, test } from "vitest";
import { freeNetwork, freePort, othersListenIn } from "./network.ts";

describe.runIf(process.platform === "linux")("free networks", () => {
  test("are never the same twice while held", async () => {
    using stack = new DisposableStack();
    const held = [];
    for (let count = 0; count < 20; count += 1) held.push(stack.use(await freeNetwork()));
    expect(new Set(held.map((network) => network.cidr)).size).toBe(held.length);
    for (const network of held) {
      expect(network.cidr).toMatch(/^127\.\d+\.0\.0\/16$/);
      expect(network.address(16, 4)).toBe(network.cidr.replace(".0.0/16", ".16.4"));
    }
  });

  test("in which something listens are told apart", async () => {
    using network = await freeNetwork();
    const second = Number(network.cidr.split(".")[1]);
    expect(othersListenIn(second)).toBe(false);
    const server = createServer().listen(0, network.address(1, 1));
    await once(server, "listening");
    expect(othersListenIn(second)).toBe(true);
    server.close();
    await once(server, "close");
    expect(othersListenIn(second)).toBe(false);
  });
});

test("a free port can be listened on", async () => {
  const port = await freePort();
  const server = createServer().listen(port, "127.0.0.1");
  await once(server, "listening");
  expect(server.listening).toBe(true);
  server.close();
});
