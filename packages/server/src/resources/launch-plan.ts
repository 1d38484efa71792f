/** A process to start: an executable, arguments without secrets, and a file of configuration. */
export interface LaunchPlan {
  readonly executable: string;
  readonly args: readonly string[];
  /** Fed to the process on its standard input (redis and valkey read "-"); null for none. */
  readonly config: string | null;
  /** Files of the engine's own in the node's directory: their text, or null for those that go. */
  readonly files?: Readonly<Record<string, string | null>>;
}
