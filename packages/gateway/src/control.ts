import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { readTable } from "./read-table.ts";
import type { Table } from "./table.ts";

/** Far above a table of a thousand routes. */
const bodyBytesMax = 16 * 1024 * 1024;

/** The server's way in: `PUT /routes`, `GET /routes` and `GET /health`. */
export function createControl(table: Table): Server {
  const server = createServer((request, response) => {
    answer(table, request, response).catch((error: unknown) => {
      // The connection broke, or a bug: the caller is told if it is still there.
      if (!response.headersSent) send(response, 500, { reason: String(error) });
      else response.destroy();
    });
  });
  // The server keeps connections open as long as it lives, to see at once when the gateway ends.
  server.requestTimeout = 0;
  server.headersTimeout = 0;
  server.keepAliveTimeout = 0;
  return server;
}

async function answer(
  table: Table,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  switch (`${request.method} ${request.url}`) {
    case "GET /health":
      return send(response, 204, null);
    case "GET /routes":
      return send(response, 200, table.current);
    case "PUT /routes": {
      const body = await readBody(request);
      if (body === null) return send(response, 413, { reason: `over ${bodyBytesMax} bytes` });
      const read = readTable(body);
      if ("problem" in read) return send(response, 400, { reason: read.problem });
      return send(response, 200, await table.apply(read.table));
    }
    default:
      return send(response, 404, { reason: `no such call: ${request.method} ${request.url}` });
  }
}

/** The whole body, or null when it is too long. */
async function readBody(request: IncomingMessage): Promise<string | null> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > bodyBytesMax) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

function send(response: ServerResponse, status: number, body: object | null): void {
  response.writeHead(status, { "content-type": "application/json" });
  response.end(body === null ? undefined : JSON.stringify(body));
}
