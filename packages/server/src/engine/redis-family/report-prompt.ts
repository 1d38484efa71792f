import { once } from "node:events";
import { connect, type Socket } from "node:net";
import type { Clock } from "../../base/clock.ts";
import { withDeadline } from "../../base/deadline.ts";
import { type Address, formatAddress } from "../../resources/address.ts";

/**
 * Asks a replica to tell its primary at once how far it has read, as a primary itself does with
 * REPLCONF GETACK. A replica tells by itself once a second, and during FAILOVER, for which writes
 * stop until the heir has told, the primary does not ask: it takes 500 ms on average, and 2 with
 * this. The connection is a plain one because the command has no reply, for which clients would wait.
 */
export class ReportPrompt implements Disposable {
  readonly #socket: Socket;

  private constructor(socket: Socket) {
    this.#socket = socket;
  }

  /** @param login the user and the password to log in with */
  static async open(
    clock: Clock,
    replica: Address,
    login: readonly [user: string, password: string],
    withinMs: number,
  ): Promise<ReportPrompt> {
    const where = formatAddress(replica);
    const socket = connect({ ...replica, noDelay: true });
    try {
      const opened = once(socket, "connect").then(() => {
        const answered = once(socket, "data");
        socket.write(encoded(["AUTH", ...login]));
        return answered;
      });
      const [answer] = await withDeadline(clock, `connecting to ${where}`, withinMs, opened);
      if (!String(answer).startsWith("+OK")) throw new Error(`${where} refused a connection`);
    } catch (error) {
      socket.destroy();
      throw error;
    }
    // One that is lost asks no more, and the replica tells by itself: later, and that is all.
    socket.on("error", () => {});
    socket.resume();
    return new ReportPrompt(socket);
  }

  ask(): void {
    this.#socket.write(encoded(["REPLCONF", "GETACK", "*"]));
  }

  [Symbol.dispose](): void {
    this.#socket.destroy();
  }
}

function encoded(parts: readonly string[]): string {
  const bulk = parts.map((part) => `$${Buffer.byteLength(part)}\r\n${part}\r\n`);
  return `*${parts.length}\r\n${bulk.join("")}`;
}
