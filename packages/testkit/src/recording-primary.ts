import { once } from "node:events";
import { createServer, type Socket } from "node:net";

/** Stands where an engine might, lets replicas begin to attach, and keeps every byte they send. */
export interface RecordingPrimary extends AsyncDisposable {
  /** Everything that was received, on all connections. */
  received(): string;
  connections(): number;
}

/** Listens on an address; answers a replica's greeting and puts off its PSYNC, so that it comes again. */
export async function recordingPrimary(host: string, port: number): Promise<RecordingPrimary> {
  const sockets = new Set<Socket>();
  let received = "";
  let connections = 0;
  const server = createServer((socket) => {
    connections += 1;
    sockets.add(socket);
    socket.on("error", () => {}); // a replica may leave at any time
    socket.on("close", () => sockets.delete(socket));
    socket.on("data", (chunk) => {
      const text = chunk.toString("latin1");
      received += text;
      for (const command of text.matchAll(/\*\d+\r\n\$\d+\r\n([a-z]+)(?:\r\n\$\d+\r\n(\S+))?/gi)) {
        socket.write(answerTo((command[1] ?? "").toUpperCase(), command[2] ?? ""));
      }
    });
  });
  server.listen(port, host);
  await once(server, "listening");
  return {
    received: () => received,
    connections: () => connections,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
}

/** What an engine without data says of itself. */
const info = [
  ...["redis_version:7.0.0", "cluster_enabled:0", "used_memory:1000", "role:master"],
  ...[`master_replid:${"a".repeat(40)}`, "master_repl_offset:0", ""],
].join("\r\n");

function answerTo(command: string, argument: string): string {
  if (command === "INFO") return `$${info.length}\r\n${info}\r\n`;
  // As many databases as engines have by default.
  if (command === "SELECT" && Number(argument) < 16) return "+OK\r\n";
  if (command === "PING") return "+PONG\r\n";
  // A login would be welcome here: it must be the replica that does not give it.
  if (command === "REPLCONF" || command === "AUTH") return "+OK\r\n";
  return "-LOADING not yet\r\n";
}
