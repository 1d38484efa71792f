/** A process to start: an executable, arguments without secrets, and a file of configuration. */
export interface LaunchPlan {
  readonly executable: string;
  readonly args: readonly string[];
  /** Fed to the process on its standard input (redis and valkey read "-"); null for none. */
  readonly config: string | null;
  /** Files of the engine's own in the node's directory, by name. */
  readonly files?: Readonly<Record<string, FileChange>>;
}

/** A file's text, null for one that goes, or what becomes of its text: null where there is none. */
export type FileChange = string | null | ((text: string | null) => string | null);
