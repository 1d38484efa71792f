// @ts-check
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import {
  backportsSource,
  parseDeb822Sources,
  parseOneLineSources,
  releaseCodename,
} from "./apt-sources.js";
import { SetupError, run, say } from "./process.js";
import { packagesFor } from "./programs.js";
import { withoutNewServices } from "./services.js";

/** @typedef {import("./programs.js").Program} Program */

const sourcesFile = "/etc/apt/sources.list";
const sourcesFolder = "/etc/apt/sources.list.d";
const backportsFile = "larder-backports.sources";
const lockWaitMs = 300_000;
const lockRetryMs = 2_000;

/**
 * The packages of Debian that start a service of their own when they are installed.
 * @param {readonly string[]} packages
 */
function servicesOf(packages) {
  return packages.filter((name) => ["redis-server", "valkey-server", "memcached"].includes(name));
}

/**
 * Installs what is missing, as root. Resolves with the packages that no source has.
 * @param {readonly Program[]} missing
 * @returns {Promise<readonly string[]>}
 */
export async function installOnDebian(missing) {
  say("read the lists of packages (apt-get update)");
  await update([]);
  const required = packagesFor(
    missing.filter((one) => !one.optional),
    "apt",
  );
  const optional = packagesFor(
    missing.filter((one) => one.optional),
    "apt",
  );
  const here = await available(optional, []);
  await install([...required, ...optional.filter((name) => here.has(name))], []);
  const elsewhere = optional.filter((name) => !here.has(name));
  return elsewhere.length === 0 ? [] : installFromBackports(elsewhere);
}

/**
 * The commands that somebody with root's rights would run instead, one a line.
 * @param {readonly Program[]} missing
 * @returns {Promise<readonly string[]>}
 */
export async function debianCommands(missing) {
  const packages = packagesFor(missing, "apt");
  const optional = packagesFor(
    missing.filter((one) => one.optional),
    "apt",
  );
  const here = await available(optional, []);
  const backported = optional.filter((name) => !here.has(name));
  const source = backported.length === 0 ? null : machineBackports();
  const plain = packages.filter((name) => !backported.includes(name));
  return [
    "sudo apt-get update",
    ...(plain.length === 0 ? [] : [`sudo ${installCommand(plain, []).join(" ")}`]),
    ...(source === null ? [] : backportsCommands(source, backported)),
    ...servicesOf(packages).map((name) => `sudo systemctl disable --now ${name}`),
  ];
}

/**
 * @param {string} source
 * @param {readonly string[]} packages
 */
function backportsCommands(source, packages) {
  const file = `${sourcesFolder}/${backportsFile}`;
  return [
    `printf '%s' '${source.trimEnd()}\n' | sudo tee ${file}`,
    "sudo apt-get update",
    `sudo ${installCommand(packages, []).join(" ")}`,
    `sudo rm ${file}`,
  ];
}

/**
 * @param {readonly string[]} packages
 * @returns {Promise<readonly string[]>} those that are not there either
 */
async function installFromBackports(packages) {
  const source = machineBackports();
  if (source === null) return packages;
  const folder = mkdtempSync(join(tmpdir(), "larder-sources-"));
  try {
    say(`${packages.join(", ")}: not in this release; look in its backports, for this once`);
    chmodSync(folder, 0o755);
    copySources(folder);
    writeFileSync(join(folder, backportsFile), source);
    const options = ["-o", `Dir::Etc::sourceparts=${folder}`];
    await update(options);
    const here = await available(packages, options);
    await install(
      packages.filter((name) => here.has(name)),
      options,
    );
    return packages.filter((name) => !here.has(name));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** @param {string} folder */
function copySources(folder) {
  for (const name of configuredFiles()) copyFileSync(join(sourcesFolder, name), join(folder, name));
}

function configuredFiles() {
  if (!existsSync(sourcesFolder)) return [];
  return readdirSync(sourcesFolder).filter((name) => /^[\w.-]+\.(list|sources)$/.test(name));
}

/** The source that this machine's own configuration gives for its backports, or null. */
function machineBackports() {
  const codename = releaseCodename(readFileSync("/etc/os-release", "utf8"));
  if (codename === null) return null;
  const oneLine = existsSync(sourcesFile)
    ? [...parseOneLineSources(readFileSync(sourcesFile, "utf8"))]
    : [];
  const sources = configuredFiles().flatMap((name) => {
    const text = readFileSync(join(sourcesFolder, name), "utf8");
    return name.endsWith(".list") ? parseOneLineSources(text) : parseDeb822Sources(text);
  });
  return backportsSource([...oneLine, ...sources], codename);
}

/**
 * A source that cannot be read is no reason to stop: what is missing may come from another, and
 * installing says what is still missing.
 * @param {readonly string[]} options of apt
 */
async function update(options) {
  try {
    await apt([...options, "update"]);
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    say(`some lists could not be read, going on with the others: ${error.message}`);
  }
}

/**
 * @param {readonly string[]} packages
 * @param {readonly string[]} options of apt
 */
async function install(packages, options) {
  if (packages.length === 0) return;
  say(`install ${packages.join(", ")} (apt-get install), leaving their services off`);
  await withoutNewServices(servicesOf(packages), () =>
    apt(installCommand(packages, options).slice(1)),
  );
}

/**
 * @param {readonly string[]} packages
 * @param {readonly string[]} options
 */
function installCommand(packages, options) {
  return ["apt-get", ...options, "install", "--yes", "--no-install-recommends", ...packages];
}

/**
 * Which of `packages` apt could install now.
 * @param {readonly string[]} packages
 * @param {readonly string[]} options
 * @returns {Promise<ReadonlySet<string>>}
 */
async function available(packages, options) {
  if (packages.length === 0) return new Set();
  const { output } = await run(["apt-cache", ...options, "policy", ...packages], { env: aptEnv() });
  return new Set(candidates(output));
}

/**
 * The packages that `apt-cache policy` names a candidate for.
 * @param {string} output
 */
export function candidates(output) {
  const found = [...output.matchAll(/^(\S+):\n(?: .*\n)*? {2}Candidate: (\S+)/gm)];
  return found.filter(([, , version]) => version !== "(none)").map(([, name]) => name ?? "");
}

/**
 * Runs apt-get, waiting for others that use it: apt itself waits for dpkg's lock only.
 * @param {readonly string[]} args
 */
async function apt(args) {
  const command = ["apt-get", "-qq", "-o", `DPkg::Lock::Timeout=${lockWaitMs / 1_000}`, ...args];
  for (let waitedMs = 0; ; waitedMs += lockRetryMs) {
    const { ok, output } = await run(command, { env: aptEnv() });
    if (ok) return;
    if (!/Could not get lock/.test(output) || waitedMs >= lockWaitMs) {
      throw new SetupError(`\`${command.join(" ")}\` failed:\n${output.trimEnd()}`);
    }
    await pause(lockRetryMs);
  }
}

function aptEnv() {
  return { ...process.env, DEBIAN_FRONTEND: "noninteractive", LC_ALL: "C" };
}
