import { percentile } from "@larder/testkit/statistics.ts";
import { once } from "node:events";
import { connect } from "node:net";

/** A tenth of the requests store; the others read. */
const setEvery = 10;
const value = "v".repeat(100);

/** Loads a memcached node over many connections, one request on its way on each. */
export async function loadMemcached(
  place: { readonly host: string; readonly port: number },
  connections: number,
  requests: number,
): Promise<{ readonly perSecond: number; readonly p99Ms: number }> {
  const timesMs: number[] = [];
  let left = Math.ceil(requests);
  const startedMs = performance.now();
  const client = async (index: number) => {
    const socket = connect({ ...place, noDelay: true });
    await once(socket, "connect");
    socket.setEncoding("latin1");
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    let sentMs = 0;
    let received = "";
    const next = () => {
      if (left <= 0) return resolve();
      left -= 1;
      sentMs = performance.now();
      const key = `k${index}-${left % 1_000}`;
      const isSet = left % setEvery === 0;
      socket.write(isSet ? `set ${key} 0 0 ${value.length}\r\n${value}\r\n` : `get ${key}\r\n`);
    };
    socket.on("error", reject);
    socket.on("data", (text: string) => {
      received += text;
      if (!/(STORED|END)\r\n$/.test(received)) return;
      received = "";
      timesMs.push(performance.now() - sentMs);
      next();
    });
    next();
    await promise;
    socket.destroy();
  };
  await Promise.all(Array.from({ length: connections }, (_, index) => client(index)));
  const seconds = (performance.now() - startedMs) / 1_000;
  return { perSecond: timesMs.length / seconds, p99Ms: percentile(timesMs, 0.99) };
}
