import pc from "picocolors";

/** The colours of picocolors, or functions that leave the text as it is. */
export type Colors = ReturnType<typeof pc.createColors>;

/** Where a command writes: answers on standard output, everything about them on standard error. */
export interface Terminal {
  /** Colours of standard output; none when it is not a terminal, or NO_COLOR is set. */
  readonly colors: Colors;
  /** Columns of standard output, or null when it is not a terminal. */
  readonly columns: number | null;
  say(text: string): void;
  complain(text: string): void;
}

/** The streams of this process. */
export function processTerminal(): Terminal {
  // A reader that has seen enough (`larder status | head`) is no failure of ours.
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE") process.exit(0);
    throw error;
  });
  return {
    colors: pc.createColors(process.stdout.isTTY && pc.isColorSupported),
    columns: process.stdout.isTTY ? process.stdout.columns : null,
    say: (text) => void process.stdout.write(`${text}\n`),
    complain: (text) => void process.stderr.write(`${text}\n`),
  };
}
