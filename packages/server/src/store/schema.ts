import type { DatabaseSync } from "node:sqlite";

/** The schema's versions, oldest first; a database is brought up to date by the ones it lacks. */
const migrations = [
  `CREATE TABLE resources (
     kind TEXT NOT NULL, account TEXT NOT NULL, region TEXT NOT NULL, id TEXT NOT NULL,
     generation INTEGER NOT NULL, revision INTEGER NOT NULL,
     spec TEXT NOT NULL, status TEXT NOT NULL, owner TEXT,
     created_at TEXT NOT NULL, deleting_since TEXT,
     PRIMARY KEY (kind, account, region, id)
   ) STRICT, WITHOUT ROWID;
   CREATE TABLE tags (
     ref TEXT NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (ref, key)
   ) STRICT, WITHOUT ROWID;
   CREATE TABLE secrets (
     ref TEXT NOT NULL PRIMARY KEY, control_password TEXT NOT NULL
   ) STRICT, WITHOUT ROWID;
   CREATE TABLE events (
     number INTEGER PRIMARY KEY, account TEXT NOT NULL, region TEXT NOT NULL,
     source_type TEXT NOT NULL, source_id TEXT NOT NULL, message TEXT NOT NULL, at TEXT NOT NULL
   ) STRICT;
   CREATE INDEX events_by_time ON events (account, region, at);
   CREATE TABLE settings (name TEXT NOT NULL PRIMARY KEY, value TEXT NOT NULL)
     STRICT, WITHOUT ROWID;`,
];

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
