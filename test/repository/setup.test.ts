import { temporaryDirectory } from "@larder/testkit/temporary-directory.ts";
import { until } from "@larder/testkit/until.ts";
import { execFile, spawn } from "node:child_process";
import { chmod, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import {
  backportsSource,
  parseDeb822Sources,
  parseOneLineSources,
  releaseCodename,
} from "../../setup/apt-sources.js";
import { candidates } from "../../setup/debian.js";
import { exclusively } from "../../setup/exclusive.js";
import { fulfils } from "../../setup/packages.js";
import {
  isInstalled,
  missingPrograms,
  packagesFor,
  programs,
  searchDirectories,
} from "../../setup/programs.js";
import { root } from "./source-files.ts";

const execute = promisify(execFile);

describe("the source of backports", () => {
  test("follows a deb822 source of the release", () => {
    const text = [
      "# a comment",
      "Types: deb deb-src",
      "# another",
      "URIs: http://mirror.example/debian",
      "Suites: bookworm bookworm-updates",
      "Components: main contrib",
      "Signed-By: /usr/share/keyrings/archive.gpg",
      "",
      "Types: deb",
      "URIs: http://security.example/debian",
      "Suites: bookworm-security",
      "Components: main",
    ].join("\n");
    expect(backportsSource(parseDeb822Sources(text), "bookworm")).toBe(
      "types: deb\nsuites: bookworm-backports\ncomponents: main\n" +
        "uris: http://mirror.example/debian\nsigned-by: /usr/share/keyrings/archive.gpg\n",
    );
  });

  test("follows a one-line source with options", () => {
    const text =
      "# deb http://off.example/debian bookworm main\n" +
      "deb-src http://src.example/debian bookworm main\n" +
      "deb http://security.example/debian-security bookworm-security main\n" +
      "deb [arch=amd64,arm64 signed-by=/k.gpg] http://m.example/debian bookworm main # here\n";
    expect(backportsSource(parseOneLineSources(text), "bookworm")).toBe(
      "types: deb\nsuites: bookworm-backports\ncomponents: main\n" +
        "uris: http://m.example/debian\narchitectures: amd64 arm64\nsigned-by: /k.gpg\n",
    );
  });

  test("keeps a key that is written out in the source", () => {
    const text =
      "Types: deb\nURIs: http://m.example\nSuites: trixie\nComponents: main\n" +
      "Signed-By:\n -----BEGIN PGP-----\n .\n abc\n";
    expect(backportsSource(parseDeb822Sources(text), "trixie")).toContain(
      "signed-by: \n -----BEGIN PGP-----\n .\n abc\n",
    );
  });

  test.each([
    ["another release", "Types: deb\nURIs: u\nSuites: bullseye\nComponents: main\n"],
    ["no main", "Types: deb\nURIs: u\nSuites: bookworm\nComponents: contrib\n"],
    ["sources only", "Types: deb-src\nURIs: u\nSuites: bookworm\nComponents: main\n"],
    ["off", "Enabled: no\nTypes: deb\nURIs: u\nSuites: bookworm\nComponents: main\n"],
    ["nothing", ""],
  ])("is none where the machine has none for the release: %s", (_why, text) => {
    expect(backportsSource(parseDeb822Sources(text), "bookworm")).toBeNull();
  });

  test("needs the release's name", () => {
    expect(releaseCodename("ID=debian\nVERSION_CODENAME=bookworm\n")).toBe("bookworm");
    expect(releaseCodename('VERSION_CODENAME="noble"\n')).toBe("noble");
    expect(releaseCodename("ID=arch\n")).toBeNull();
  });
});

describe("what is missing", () => {
  test("is all engines on a bare machine, and the AWS CLI for tests only", () => {
    const forTests = missingPrograms("test", () => false);
    expect(packagesFor(forTests, "apt")).toEqual([
      "redis-server",
      "redis-tools",
      "memcached",
      "valkey-server",
      "valkey-tools",
      "awscli",
    ]);
    const forStart = missingPrograms("start", () => false);
    expect(packagesFor(forStart, "brew")).toEqual(["redis", "memcached", "valkey"]);
    expect(missingPrograms("check", () => false)).toEqual([]);
  });

  test("is nothing where every program is there", () => {
    expect(missingPrograms("test", () => true)).toEqual([]);
  });

  test("may only be valkey, where no source of packages has it", () => {
    const optional = programs.filter((one) => one.optional).map((one) => one.name);
    expect(optional).toEqual(["valkey-server", "valkey-cli", "valkey-benchmark"]);
  });

  test("is looked for in LARDER_ENGINE_PATH, then PATH, as executable files", async () => {
    await using directory = await temporaryDirectory();
    expect(searchDirectories({ LARDER_ENGINE_PATH: "/a", PATH: "/b:/c" })).toEqual([
      "/a",
      "/b",
      "/c",
    ]);
    const program = join(directory.path, "memcached");
    await writeFile(program, "");
    await chmod(program, 0o644);
    expect(isInstalled("memcached", [directory.path])).toBe(false);
    await chmod(program, 0o755);
    expect(isInstalled("memcached", ["/nowhere", directory.path])).toBe(true);
    await mkdir(join(directory.path, "redis-server"));
    expect(isInstalled("redis-server", [directory.path])).toBe(false);
  });

  test("is told by apt's candidates", () => {
    const output =
      "valkey-server:\n  Installed: (none)\n  Candidate: (none)\n  Version table:\n" +
      "redis-server:\n  Installed: (none)\n  Candidate: 5:7.0.15-1\n  Version table:\n" +
      "     5:7.0.15-1 500\n";
    expect(candidates(output)).toEqual(["redis-server"]);
  });
});

describe("npm packages", () => {
  const locked = {
    packages: {
      "": {},
      "packages/server": { version: "0.1.0" },
      "node_modules/a": { version: "1.0.0" },
      "node_modules/b-darwin": { version: "2.0.0", optional: true },
    },
  };

  test.each([
    ["as locked", { "node_modules/a": { version: "1.0.0" } }, true],
    ["another version", { "node_modules/a": { version: "1.0.1" } }, false],
    ["missing", {}, false],
    [
      "an optional one of another version",
      { "node_modules/a": { version: "1.0.0" }, "node_modules/b-darwin": { version: "1.9.0" } },
      false,
    ],
  ])("installed by hand: %s", (_what, packages, expected) => {
    expect(fulfils({ packages }, locked)).toBe(expected);
  });
});

describe("two set-ups at once", () => {
  test("take turns", async () => {
    const name = `test-${process.pid}-turns`;
    const order: string[] = [];
    const gate = Promise.withResolvers<void>();
    const first = exclusively(
      name,
      async () => {
        order.push("first begins");
        await gate.promise;
        order.push("first ends");
      },
      () => order.push("first waits"),
    );
    await until("the first has the lock", () => order.length > 0 || "not yet", { withinMs: 5_000 });
    const second = exclusively(
      name,
      async () => void order.push("second"),
      () => {
        order.push("second waits");
        gate.resolve();
      },
    );
    await Promise.all([first, second]);
    expect(order).toEqual(["first begins", "second waits", "first ends", "second"]);
  });

  test("a set-up that was killed holds nothing up", async () => {
    const name = `test-${process.pid}-killed`;
    const script = `
      import { exclusively } from ${JSON.stringify(join(root, "setup/exclusive.js"))};
      await exclusively(${JSON.stringify(name)}, () => new Promise((resolve) => {
        console.log("held");
        setTimeout(resolve, 60_000);
      }), () => {});`;
    const holder = spawn(process.execPath, ["--input-type=module", "--eval", script]);
    const held = Promise.withResolvers<void>();
    holder.stdout.once("data", () => held.resolve());
    await held.promise;
    const outcome = await exclusively(
      name,
      async () => "mine",
      () => holder.kill("SIGKILL"),
    );
    expect(outcome).toBe("mine");
    expect(holder.signalCode ?? "SIGKILL").toBe("SIGKILL");
  });

  test("work that fails lets go", async () => {
    const name = `test-${process.pid}-fails`;
    const fail = () => Promise.reject(new Error("no"));
    await expect(exclusively(name, fail, () => {})).rejects.toThrow("no");
    await expect(
      exclusively(
        name,
        async () => "mine",
        () => {},
      ),
    ).resolves.toBe("mine");
  });
});

test("an unknown command is refused with the known ones", async () => {
  const failed = execute(process.execPath, [join(root, "setup/run.js"), "strat"]);
  await expect(failed).rejects.toMatchObject({
    code: 1,
    stderr: expect.stringContaining("start|test|bench|chaos|check"),
  });
});
