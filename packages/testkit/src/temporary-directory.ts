import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A new directory of this test's own, removed with all that is in it. */
export interface TemporaryDirectory extends AsyncDisposable {
  readonly path: string;
}

export async function temporaryDirectory(): Promise<TemporaryDirectory> {
  const path = await mkdtemp(join(tmpdir(), "larder-test-"));
  // Engines run as a user of their own, who must be able to pass through.
  await chmod(path, 0o711);
  return {
    path,
    // An engine that is just ending may still write a file while its directory is being removed.
    [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true, maxRetries: 5 }),
  };
}
