/** The schema's versions, oldest first; a database is brought up to date by the ones it lacks. */
export const migrations: readonly string[] = [
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
  // Cluster mode, planned changes, service updates, upstreams and parameters that change at once:
  // what was there before has none of them.
  `UPDATE resources SET spec = json_insert(spec, '$.update', NULL, '$.pending', NULL)
     WHERE kind IN ('cache-cluster', 'replication-group');
   UPDATE resources SET
     spec = json_insert(spec, '$.migration', NULL, '$.shards[0].slots', json('[]')),
     status = json_insert(status, '$.configuration', NULL, '$.migration', NULL,
       '$.routes', json('[]'), '$.slotsHeld', json('{}'), '$.resharding', NULL, '$.clusterMode',
       CASE WHEN json_extract(status, '$.settledGeneration') > 0 THEN 'disabled' END)
     WHERE kind = 'replication-group';
   UPDATE resources SET
     spec = json_insert(spec, '$.binaryAtLeast', NULL, '$.clusterMode', 'disabled',
       '$.upstream', NULL, '$.heldElsewhere', json('false')),
     status = json_insert(status, '$.spare', NULL, '$.upstreamLink', NULL, '$.dataLost',
       json('false'))
     WHERE kind = 'shard';
   UPDATE resources SET
     spec = json_insert(spec, '$.launch.crossing', json('false'), '$.launch.upstream', NULL),
     status = json_insert(status, '$.launchedAs', NULL, '$.refusedParameters', json('{}'))
     WHERE kind = 'node';`,
  // Nodes may follow a cache of several shards. Until now, only on the way between cluster modes did
  // one follow a primary outside its cluster, which has all slots.
  `UPDATE resources SET spec = json_insert(spec, '$.outside', json('[]')) WHERE kind = 'shard';
   UPDATE resources SET spec = json_remove(json_insert(spec, '$.launch.outside', json(
       CASE WHEN json_extract(spec, '$.launch.crossing') THEN json_array(json_object('id', '0001',
         'primary', json_extract(spec, '$.launch.following'),
         'slots', json_array(json_object('first', 0, 'last', 16383))))
       ELSE '[]' END)), '$.launch.crossing')
     WHERE kind = 'node';`,
];
