/** One line of an engine's configuration file: a directive and its values. */
export type Directive = readonly [name: string, ...values: string[]];

/** Values of these characters mean the same to the engine with and without quotes. */
const bareValue = /^[A-Za-z0-9._:*~&@|#+-]+$/;
const printableAscii = /^[\x20-\x7e]*$/;

/**
 * Renders directives for redis and valkey. Every value stands for itself: a quote, a space or a
 * hash sign in it cannot end it, and what could end its line is refused.
 * @throws Error when a name or value could smuggle another directive in
 */
export function renderConfig(directives: readonly Directive[]): string {
  return directives.map((directive) => `${renderLine(directive)}\n`).join("");
}

function renderLine([name, ...values]: Directive): string {
  if (!/^[a-z][a-z0-9-]*$/.test(name)) throw new Error("a directive's name has wrong characters");
  return [name, ...values.map((value) => quote(name, value))].join(" ");
}

function quote(name: string, value: string): string {
  // The value may be a secret, so the message names only its directive.
  if (!printableAscii.test(value)) {
    throw new Error(`the value of ${name} has a character that is not printable ASCII`);
  }
  if (bareValue.test(value)) return value;
  return `"${value.replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`;
}
