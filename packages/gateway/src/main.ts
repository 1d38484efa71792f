import { chmodSync, lstatSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { createControl } from "./control.ts";
import { takeLock } from "./lock.ts";
import { createLog } from "./log.ts";
import { Table } from "./table.ts";

/** How the process ends when another gateway serves the directory (sysexits' EX_TEMPFAIL). */
const exitLocked = 75;
const exitUsage = 64;
/** How soon a gateway whose socket was taken away notices. */
const socketCheckMs = 1_000;

const [socketPath] = process.argv.slice(2);
const log = createLog();

if (socketPath === undefined) {
  log("gateway needs the path of its unix socket", {});
  process.exit(exitUsage);
}
const directory = dirname(socketPath);
// Everything made here is the user's own: whoever can write to the socket can redirect clients.
process.umask(0o077);
if (!takeLock(join(directory, "gateway.lock"))) {
  log("another gateway serves this directory", { directory });
  process.exit(exitLocked);
}
// Under the lock, so that whoever reaches the socket reads the pid of who answers on it.
writeFileSync(join(directory, "gateway.pid"), `${process.pid}\n`);
// A socket found here has no owner: the lock says so.
rmSync(socketPath, { force: true });

const table = new Table(() => performance.now(), log);
const control = createControl(table);
control.listen(socketPath, () => {
  chmodSync(socketPath, 0o600);
  const { ino } = lstatSync(socketPath);
  setInterval(() => {
    // Nobody can reach a gateway without its socket, and it would keep the lock for ever.
    if (lstatSync(socketPath, { throwIfNoEntry: false })?.ino === ino) return;
    log("gateway ends: its socket was removed", {});
    process.exit(0);
  }, socketCheckMs);
  log("gateway started", { directory });
});

for (const signal of ["SIGTERM", "SIGINT"] as const) {
  process.on(signal, () => {
    log("gateway ends", { signal });
    // The addresses are free before the server sees its connection close, and gives them away.
    void table.apply({ routes: [] }).then(() => {
      rmSync(socketPath, { force: true });
      process.exit(0);
    });
  });
}
process.on("SIGHUP", () => {
  // The terminal it was started from has gone; it is to outlive that.
});
