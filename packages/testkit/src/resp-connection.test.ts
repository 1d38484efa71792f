import { createServer } from "node:net";
import { expect, test } from "vitest";
import { freeNetwork } from "./network.ts";
import { readReply, RespConnection, RespError } from "./resp-connection.ts";

test("reads every kind of reply, however it is cut", () => {
  const text = "+OK\r\n-ERR no\r\n:42\r\n$5\r\nh\r\nlo\r\n$-1\r\n*2\r\n$1\r\na\r\n*1\r\n:7\r\n";
  const data = Buffer.from(text);
  const replies = [];
  for (let at = 0; at < data.length;) {
    const read = readReply(data, at);
    expect(read).not.toBeNull();
    replies.push(read!.reply);
    for (let cut = at; cut < read!.end; cut += 1) {
      expect(readReply(data.subarray(0, cut), at)).toBeNull();
    }
    at = read!.end;
  }
  expect(replies).toEqual(["OK", new RespError("ERR no"), 42, "h\r\nlo", null, ["a", [7]]]);
});

test("a command that is cut off rejects, as does any after it", async () => {
  using network = await freeNetwork();
  const host = network.address(0, 10);
  const server = createServer((socket) => {
    socket.once("data", () => socket.end("+first\r\n"));
  });
  await new Promise<void>((resolve) => server.listen(7_000, host, resolve));
  using connection = await RespConnection.open(host, 7_000);
  const [first, second] = [connection.send("A"), connection.send("B")];
  expect(await first).toBe("first");
  await expect(second).rejects.toThrow("closed");
  expect(connection.isOver).toBe(true);
  await expect(connection.send("C")).rejects.toThrow("closed");
  server.close();
});
