import type { ReplyReader } from "./text-client.ts";

const lineEnd = "\r\n";
const lineBytesMax = 8_192;

/** A reply of one line. */
export const readLine: ReplyReader<string> = (received) => takeLine(received);

function takeLine(received: Buffer): { readonly reply: string; readonly used: number } | null {
  const end = received.indexOf(lineEnd);
  if (end < 0 && received.length > lineBytesMax) throw new Error("the node's line is too long");
  if (end < 0) return null;
  return { reply: received.toString("latin1", 0, end), used: end + lineEnd.length };
}

/** The reply to `stats`: name and value by line, up to END. */
export const readStats: ReplyReader<ReadonlyMap<string, string>> = (received) => {
  const stats = new Map<string, string>();
  for (let from = 0; ;) {
    const line = takeLine(received.subarray(from));
    if (line === null) return null;
    from += line.used;
    if (line.reply === "END") return { reply: stats, used: from };
    const [word, name, value] = line.reply.split(" ");
    if (word !== "STAT" || name === undefined) return { reply: failure(line.reply), used: from };
    stats.set(name, value ?? "");
  }
};

/** The reply to `get`: the item's bytes, or null where there is none. */
export const readItem: ReplyReader<Buffer | null> = (received) => {
  const first = takeLine(received);
  if (first === null) return null;
  if (first.reply === "END") return { reply: null, used: first.used };
  const header = /^VALUE \S{1,250} \d{1,10} (\d{1,7})$/.exec(first.reply);
  if (header === null) return { reply: failure(first.reply), used: first.used };
  const bytes = Number(header[1]);
  const tail = `${lineEnd}END${lineEnd}`;
  const used = first.used + bytes + tail.length;
  if (received.length < used) return null;
  const end = first.used + bytes;
  if (received.toString("latin1", end, used) !== tail) throw new Error("the node's item is torn");
  return { reply: Buffer.from(received.subarray(first.used, end)), used };
};

/** What the node said instead of a reply, without characters that could forge a log line. */
function failure(line: string): Error {
  return new Error(`memcached answered ${line.slice(0, 200).replaceAll(/[^\x20-\x7e]/g, "?")}`);
}
