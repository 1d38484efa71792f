import type { NodeSettings, Refusals, Tuning } from "../engine.ts";
import type { ControlConnection } from "./connection.ts";
import type { Setting } from "./parameters.ts";
import { settingsOf } from "./settings.ts";

/** Parameters of a running redis or valkey node, changed by CONFIG SET. */
export class NodeTuning implements Tuning {
  readonly #connection: ControlConnection;

  constructor(connection: ControlConnection) {
    this.#connection = connection;
  }

  async apply(settings: NodeSettings, names: readonly string[]): Promise<Refusals> {
    const changed = settingsOf(settings).filter(({ parameters }) =>
      parameters.some((name) => names.includes(name)),
    );
    if (changed.length === 0 || (await this.#set(changed)) === null) return {};
    // One command is carried out as a whole or not at all: what the node takes goes one by one.
    const refusals: Record<string, string> = {};
    for (const setting of changed) {
      const reason = await this.#set([setting]);
      if (reason === null) continue;
      for (const name of setting.parameters) if (names.includes(name)) refusals[name] = reason;
    }
    return refusals;
  }

  /** Null, or why the node refuses one of the values. */
  async #set(settings: readonly Setting[]): Promise<string | null> {
    // A directive that has several lines in a configuration file takes them all as one value here.
    const values = new Map<string, readonly string[]>();
    for (const { directive } of settings) {
      const [name, ...rest] = directive;
      values.set(name, [...(values.get(name) ?? []), ...rest]);
    }
    const pairs = [...values].flatMap(([name, parts]) => [name, parts.join(" ")]);
    try {
      await this.#connection.send(["CONFIG", "SET", ...pairs]);
      return null;
    } catch (error) {
      if (error instanceof Error && isRefusal(error)) return error.message;
      throw error;
    }
  }
}

/** Told from a node that cannot answer now, such as one that is busy with a script. */
function isRefusal({ message }: Error): boolean {
  return /^ERR (CONFIG SET failed|Unknown option)/.test(message);
}
