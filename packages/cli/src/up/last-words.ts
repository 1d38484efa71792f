/**
 * The sentence in what a process wrote on standard error before it ended: the message of the
 * error that Node prints with its place and stack, or the last line; "" when it wrote nothing.
 */
export function lastWords(standardError: string): string {
  const lines = standardError.split("\n").map((line) => line.trimEnd());
  const error = lines.find((line) => /^(?:Uncaught )?[A-Z]\w*(?: \[\w+\])?: \S/.test(line));
  if (error !== undefined) return error;
  return lines.findLast((line) => line !== "" && !line.startsWith("Node.js v")) ?? "";
}
