import { once } from "node:events";
import { connect } from "node:net";
import type { Place } from "./arena.ts";

/** Membership as `config get cluster` shows it. */
export interface Discovery {
  readonly version: number;
  /** "host|ip|port" each. */
  readonly nodes: readonly string[];
}

/** What `config get cluster` answers at a configuration endpoint. */
export async function discoveryAt(place: Place): Promise<Discovery> {
  const answer = await ask(place, "config get cluster\r\n", /END\r\n$/);
  const [heading = "", version = "", nodes = ""] = answer.split(/\r?\n/);
  if (!heading.startsWith("CONFIG cluster ")) throw new Error(`no configuration: ${answer}`);
  return { version: Number(version), nodes: nodes.split(" ").filter((one) => one !== "") };
}

/** Resolves when a memcached node stores and returns an item; rejects when it does not. */
export async function roundTrip(place: Place, key: string): Promise<void> {
  const answer = await ask(place, `set ${key} 0 0 2\r\nok\r\nget ${key}\r\n`, /END\r\n$/);
  if (!answer.includes("STORED") || !answer.includes("\r\nok\r\n")) throw new Error(answer);
}

async function ask({ host, port }: Place, text: string, end: RegExp): Promise<string> {
  const socket = connect({ host, port, noDelay: true });
  const late = setTimeout(() => socket.destroy(new Error("no answer within 500 ms")), 500);
  try {
    await once(socket, "connect");
    socket.setEncoding("utf8").write(text);
    let answer = "";
    for await (const chunk of socket) {
      answer += chunk as string;
      if (end.test(answer)) return answer;
    }
    throw new Error(`the answer broke off: ${answer}`);
  } finally {
    clearTimeout(late);
    socket.destroy();
  }
}
