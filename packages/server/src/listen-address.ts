import { BlockList, isIP } from "node:net";

const LOOPBACK = new BlockList();
LOOPBACK.addSubnet("127.0.0.0", 8, "ipv4");
LOOPBACK.addAddress("::1", "ipv6");
LOOPBACK.addSubnet("::ffff:127.0.0.0", 104, "ipv6");

/** True for addresses that only this machine reaches. A name other than `localhost` is not taken for one. */
export function isLoopback(host: string): boolean {
  const address = host.replace(/^\[(.*)\]$/, "$1");
  if (address.toLowerCase() === "localhost") return true;
  const family = isIP(address);
  return family !== 0 && LOOPBACK.check(address, family === 6 ? "ipv6" : "ipv4");
}

/** Throws unless requests are authenticated or `host` is reached by this machine alone: call it before listening. */
export function assertMayListen(host: string, { authenticated }: { readonly authenticated: boolean }): void {
  if (authenticated || isLoopback(host)) return;
  throw new Error(
    `host: must be a loopback address (127.0.0.1, ::1, localhost) while authentication is off, got "${host}"; turn authentication on to serve other machines`,
  );
}
