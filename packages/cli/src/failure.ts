/** A failure that people can do something about: shown as its sentence, without a stack trace. */
export class Failure extends Error {
  override readonly name = "Failure";
  readonly exitCode: number;

  /** @param exitCode what the command ends with; 1 unless somebody reads more from it */
  constructor(
    message: string,
    options: { readonly cause?: unknown; readonly exitCode?: number } = {},
  ) {
    super(message, { cause: options.cause });
    this.exitCode = options.exitCode ?? 1;
  }
}

/** The message of whatever was thrown, with the messages of its causes. */
export function reasonOf(thrown: unknown): string {
  if (!(thrown instanceof Error)) return String(thrown);
  const own = thrown.message === "" ? thrown.name : thrown.message;
  return thrown.cause === undefined ? own : `${own}: ${reasonOf(thrown.cause)}`;
}
