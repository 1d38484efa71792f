/**
 * What to do with a line: forward it with the `dataBytes` that follow it, or take it out of the
 * stream and do something in its place, once everything before it was forwarded.
 */
export type Verdict = { readonly dataBytes: number } | { readonly instead: () => void };

/** A line that is nothing but a line. */
export const plainLine: Verdict = { dataBytes: 0 };

/**
 * A longer line is forwarded unread. Memcached closes connections whose commands other than
 * `get` are longer, so no line that matters here is.
 */
const lineBytesMax = 2048;
const newline = 0x0a;

/**
 * Splits a stream of the memcached text protocol into lines and data blocks, chunk by chunk, and
 * forwards everything but the lines that are taken. Holds back one unfinished line at most.
 */
export class Framing {
  readonly #look: (line: string) => Verdict;
  readonly #forward: (bytes: Buffer) => void;
  #held: Buffer | null = null;
  /** How much of the data block or the overlong line is still to come. */
  #dataBytes = 0;
  #inLongLine = false;

  /**
   * @param look is shown every line without its line end, before the line is forwarded
   * @param forward takes the bytes to pass on, in order
   */
  constructor(look: (line: string) => Verdict, forward: (bytes: Buffer) => void) {
    this.#look = look;
    this.#forward = forward;
  }

  /** Forwards the unfinished line, if any: the stream has ended. */
  flush(): void {
    if (this.#held !== null) this.#forward(this.#held);
    this.#held = null;
  }

  push(arrived: Buffer): void {
    const chunk = this.#held === null ? arrived : Buffer.concat([this.#held, arrived]);
    this.#held = null;
    let sent = 0;
    let at = 0;
    const sendUpTo = (end: number): void => {
      if (end > sent) this.#forward(chunk.subarray(sent, end));
      sent = end;
    };
    while (at < chunk.length) {
      if (this.#dataBytes > 0) {
        const skipped = Math.min(this.#dataBytes, chunk.length - at);
        this.#dataBytes -= skipped;
        at += skipped;
        continue;
      }
      const end = chunk.indexOf(newline, at) + 1;
      if (end === 0) {
        this.#inLongLine ||= chunk.length - at > lineBytesMax;
        if (this.#inLongLine) at = chunk.length;
        break;
      }
      if (this.#inLongLine || end - at > lineBytesMax) {
        this.#inLongLine = false;
        at = end;
        continue;
      }
      const verdict = this.#look(textOf(chunk, at, end));
      if ("instead" in verdict) {
        sendUpTo(at);
        sent = end;
        verdict.instead();
      } else {
        this.#dataBytes = verdict.dataBytes;
      }
      at = end;
    }
    sendUpTo(at);
    if (at < chunk.length) this.#held = Buffer.from(chunk.subarray(at));
  }
}

/** A line without "\n" or "\r\n"; latin1, so that no byte is lost. */
function textOf(chunk: Buffer, start: number, end: number): string {
  const bare = chunk[end - 2] === 0x0d && end - 2 >= start ? end - 2 : end - 1;
  return chunk.toString("latin1", start, bare);
}
