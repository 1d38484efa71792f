import type { EC2Client } from "@aws-sdk/client-ec2";
import { systemClock } from "@larder/server/base/clock.ts";
import { openStore } from "@larder/server/store/sqlite-store.ts";
import type { Store } from "@larder/server/store/store.ts";
import { ec2Client, ec2Over } from "./ec2.ts";
import { startHttp } from "./server.ts";

/** EC2 over HTTP on a store of its own. */
export interface Ec2World extends AsyncDisposable {
  readonly store: Store;
  readonly ec2: EC2Client;
  in(region: string): EC2Client;
}

export async function startEc2(network: "loopback" | "ports" = "loopback"): Promise<Ec2World> {
  const store = openStore(":memory:", systemClock);
  const server = await startHttp([ec2Over(store, network)]);
  const clients: EC2Client[] = [];
  const client = (region: string): EC2Client => {
    const made = ec2Client(server.url, region);
    clients.push(made);
    return made;
  };
  return {
    store,
    ec2: client("us-east-1"),
    in: client,
    async [Symbol.asyncDispose]() {
      for (const one of clients) one.destroy();
      await server.close();
      store.close();
    },
  };
}

/** "CODE" of the error that a call is answered with; "" when it is answered without one. */
export async function codeOf(answer: Promise<unknown>): Promise<string> {
  return answer.then(
    () => "",
    (error: unknown) => (error as Error).name,
  );
}
