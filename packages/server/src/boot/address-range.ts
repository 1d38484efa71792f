import { once } from "node:events";
import { createServer } from "node:net";
import { ConfigError } from "../config.ts";
import { formatIpv4, parseCidr } from "../resources/vpc.ts";

/** No client comes here: the address is the one that AWS keeps for a subnet's router. */
const lockPort = 45_660;

/**
 * Takes a VPC's addresses for this process, so that two servers never give out the same. It
 * listens on one of them: the kernel gives that back however the process ends.
 * @throws ConfigError when another server has them
 */
export async function takeAddressRange(cidr: string): Promise<void> {
  const host = formatIpv4(parseCidr(cidr).first + 1);
  const lock = createServer((socket) => socket.destroy());
  lock.unref();
  lock.listen({ host, port: lockPort });
  try {
    await once(lock, "listening");
  } catch (error) {
    const taken = error instanceof Error && "code" in error && error.code === "EADDRINUSE";
    throw new ConfigError(
      taken
        ? `another Larder server gives out addresses of ${cidr}; set LARDER_VPC_CIDR to another /16`
        : `LARDER_VPC_CIDR ${cidr} cannot be used: ${String(error)}`,
    );
  }
}
