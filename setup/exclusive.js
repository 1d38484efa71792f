// @ts-check
import { createHash } from "node:crypto";
import { rmSync } from "node:fs";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

/**
 * Runs `work` while no other process of this machine holds `name`, waiting for its turn. The lock is
 * a listening socket, so that the kernel lets go of it however its holder ends: no lock file is ever
 * left behind, and no pid has to be judged.
 * @template T
 * @param {string} name
 * @param {() => Promise<T>} work
 * @param {() => void} onWait called once if somebody else holds the lock
 * @returns {Promise<T>}
 */
export async function exclusively(name, work, onWait) {
  const path = socketPath(name);
  let waited = false;
  for (;;) {
    const lock = await listen(path);
    if (lock !== null) {
      try {
        return await work();
      } finally {
        lock.close();
        for (const waiter of lock.waiters) waiter.destroy();
      }
    }
    if (!waited) onWait();
    waited = true;
    await untilReleased(path);
  }
}

/** @param {string} name */
function socketPath(name) {
  const digest = createHash("sha256").update(name).digest("hex").slice(0, 24);
  // Linux has names for sockets that are in no file system and vanish with their holder.
  return process.platform === "linux"
    ? `\0larder-setup-${digest}`
    : join(tmpdir(), `larder-setup-${digest}.sock`);
}

/**
 * Null if somebody else listens.
 * @param {string} path
 * @returns {Promise<{ close(): void, waiters: Set<import("node:net").Socket> } | null>}
 */
function listen(path) {
  return new Promise((resolve, reject) => {
    /** @type {Set<import("node:net").Socket>} */
    const waiters = new Set();
    const server = createServer((socket) => {
      waiters.add(socket);
      socket.on("error", () => socket.destroy());
      socket.on("close", () => waiters.delete(socket));
    });
    server.on("error", (/** @type {NodeJS.ErrnoException} */ error) => {
      if (error.code === "EADDRINUSE") resolve(null);
      else reject(error);
    });
    server.listen(path, () => resolve({ close: () => server.close(), waiters }));
  });
}

/**
 * Resolves when the holder's end of the connection goes away.
 * @param {string} path
 * @returns {Promise<void>}
 */
function untilReleased(path) {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.on("error", (/** @type {NodeJS.ErrnoException} */ error) => {
      // Where the socket is a file, one that nobody listens on was left by a killed holder.
      if (error.code === "ECONNREFUSED" && !path.startsWith("\0")) rmSync(path, { force: true });
    });
    socket.on("close", () => resolve());
    socket.resume();
  });
}
