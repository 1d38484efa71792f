import { DatabaseSync } from "node:sqlite";

/**
 * Takes the lock of a directory for as long as this process lives; false if another process has
 * it. It is SQLite's own file lock, the one that Node offers: the kernel lets go of it however the
 * process ends, and no process can take it from a holder that lives.
 * @param path of the lock file, which stays empty
 */
export function takeLock(path: string): boolean {
  const database = new DatabaseSync(path, { timeout: 0 });
  try {
    // Nothing is ever written, so there is nothing to keep a journal of.
    database.exec("PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE");
  } catch (error) {
    database.close();
    if (isBusy(error)) return false;
    throw error;
  }
  held.push(database);
  return true;
}

/** Kept from the garbage collector, which would close them. */
const held: DatabaseSync[] = [];

const sqliteBusy = 5;

function isBusy(error: unknown): boolean {
  return error instanceof Error && "errcode" in error && error.errcode === sqliteBusy;
}
