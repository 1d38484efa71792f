import type { DatabaseSync } from "node:sqlite";
import { migrations } from "./migrations.ts";

/** Thrown when the database was written by a newer Larder than this one. */
class SchemaError extends Error {
  override readonly name = "SchemaError";
}

/** Sets the pragmas that durability rests on, and brings the schema up to date. */
export function prepareDatabase(database: DatabaseSync): void {
  database.exec("PRAGMA journal_mode = WAL");
  // FULL: an API call answers only when its change would survive a power cut.
  database.exec("PRAGMA synchronous = FULL");
  const { user_version: found } = database.prepare("PRAGMA user_version").get() as {
    user_version: number;
  };
  if (found > migrations.length) {
    throw new SchemaError(
      `the store has schema ${found}, newer than the ${migrations.length} that this Larder knows`,
    );
  }
  migrations.slice(found).forEach((statements, index) => {
    database.exec(`BEGIN; ${statements}; PRAGMA user_version = ${found + index + 1}; COMMIT`);
  });
}
