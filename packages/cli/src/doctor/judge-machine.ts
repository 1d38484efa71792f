import { humanSize } from "../human.ts";
import { fail, ok, warn } from "./check.ts";
import type { Check } from "./check.ts";

/** What a node needs beside its clients' connections: files, replicas, its control connection. */
const filesBesideClients = 32;
/** The engines' own default of maxclients. */
const clientsUsual = 10_000;
/** ElastiCache's maxclients. */
const clientsMax = 65_000;

/** @param limit the hard limit of open files; Number.MAX_SAFE_INTEGER or more for none */
export function judgeOpenFiles(limit: number): Check {
  const name = "open files";
  const fix = "Raise it: `ulimit -n 65535` before the start, or LimitNOFILE=65535 in the unit.";
  const clients = Math.max(0, Math.min(clientsMax, limit - filesBesideClients));
  const says = `limit ${limit >= Number.MAX_SAFE_INTEGER ? "none" : limit.toLocaleString("en-US")}`;
  const room = `${says}: room for ${clients.toLocaleString("en-US")} connections per node`;
  if (limit < 1_024) return fail(name, room, fix);
  return clients < clientsUsual ? warn(name, room, fix) : ok(name, room);
}

/** @param mode of /proc/sys/vm/overcommit_memory */
export function judgeOvercommit(mode: number): Check {
  const name = "memory overcommit";
  if (mode === 1) return ok(name, "vm.overcommit_memory is 1");
  const reason =
    mode === 2
      ? "the kernel refuses the copy that a snapshot forks as soon as memory is half full"
      : "a snapshot or a full sync can fail when memory is nearly full";
  return warn(
    name,
    `vm.overcommit_memory is ${mode}: ${reason}`,
    "As root: `sysctl -w vm.overcommit_memory=1`, and the same line (without `sysctl -w`) in " +
      "/etc/sysctl.d/90-larder.conf to keep it.",
  );
}

/** @param setting of /sys/kernel/mm/transparent_hugepage/enabled, e.g. "always [madvise] never" */
export function judgeHugePages(setting: string): Check {
  const name = "transparent huge pages";
  const chosen = /\[(\w+)\]/.exec(setting)?.[1] ?? setting.trim();
  if (chosen !== "always") return ok(name, chosen);
  return warn(
    name,
    "always: snapshots copy 2 MB for every key written meanwhile, which costs memory and latency",
    "As root: `echo madvise > /sys/kernel/mm/transparent_hugepage/enabled`, at every boot.",
  );
}

/**
 * @param now the machine's wall clock
 * @param synchronized whether a time service says that it keeps the clock; null when none tells
 */
export function judgeClock(now: Date, synchronized: boolean | null): Check {
  const name = "clock";
  const says = now.toISOString();
  const fix = "Set it, and run a time service such as chrony or systemd-timesyncd.";
  // Signed requests are refused beyond five minutes; a clock of another year is surely wrong.
  if (now.getUTCFullYear() < 2026) return fail(name, `${says} cannot be right`, fix);
  if (synchronized === false) {
    return warn(
      name,
      `${says}, not synchronised: clients on other machines are refused beyond 5 minutes apart`,
      fix,
    );
  }
  return ok(name, synchronized === null ? says : `${says}, synchronised`);
}

/** File systems by the type number that statfs gives (linux/magic.h). */
const fileSystems: Readonly<Record<number, string>> = {
  0xef53: "ext4",
  0x58465342: "xfs",
  0x9123683e: "btrfs",
  0x2fc12fc1: "zfs",
  0xf2f52010: "f2fs",
  0x794c7630: "overlay",
  0x01021994: "tmpfs",
  0x6969: "nfs",
  0xff534d42: "cifs",
  0xfe534d42: "smb",
  0x01021997: "9p",
  0x65735546: "fuse",
};
const volatileFileSystems = ["tmpfs"];
const remoteFileSystems = ["nfs", "cifs", "smb", "9p"];

/** What is known of the data directory. */
export interface DataDirFacts {
  readonly path: string;
  /** Why a file could not be written there; null when one could. */
  readonly problem: string | null;
  /** The type number of statfs; null where it could not be asked, or means something else. */
  readonly fileSystem: number | null;
  readonly freeBytes: number;
}

const gibibyte = 1_024 ** 3;

export function judgeDataDir({ path, problem, fileSystem, freeBytes }: DataDirFacts): Check {
  const name = "data directory";
  if (problem !== null) {
    return fail(
      name,
      `${path} cannot be written: ${problem}`,
      "Give the directory to the user that runs Larder, or set LARDER_DATA_DIR to another.",
    );
  }
  const kind = fileSystem === null ? undefined : fileSystems[fileSystem];
  const free = `${humanSize(freeBytes)} free`;
  const says = `${path}, ${kind === undefined ? free : `${kind}, ${free}`}`;
  const space = "Free some space, or set LARDER_DATA_DIR to a directory on a larger disk.";
  if (freeBytes < gibibyte / 4) return fail(name, says, space);
  if (freeBytes < 2 * gibibyte) return warn(name, says, space);
  if (kind !== undefined && volatileFileSystems.includes(kind)) {
    return warn(
      name,
      `${says}: a reboot empties it`,
      "Set LARDER_DATA_DIR to a directory on disk.",
    );
  }
  if (kind !== undefined && remoteFileSystems.includes(kind)) {
    return warn(
      name,
      `${says}: locks and syncs of the store cannot be relied on over a network`,
      "Set LARDER_DATA_DIR to a local disk.",
    );
  }
  return ok(name, says);
}
