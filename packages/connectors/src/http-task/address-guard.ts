/**
 * Which addresses workflows may call. What a workflow names may be chosen by whoever gives its input: without this, an
 * HTTP task could read the metadata of the machine that Stepwell runs on, or speak to what is only reachable from there.
 *
 * G1. The address that was checked is the one that is connected to: names are resolved once, by the connection itself.
 */
import { lookup as dnsLookup, type LookupAddress } from "node:dns";
import { BlockList, isIP, type LookupFunction } from "node:net";

class AddressRefused extends Error {
  constructor(host: string, address: string) {
    super(
      `${host === address ? address : `${host} (${address})`} is not a public address; to allow it, name the host, the address or its network in http.allow of stepwell.yaml`,
    );
    this.name = "AddressRefused";
  }
}

type Network = readonly [address: string, prefix: number, family: "ipv4" | "ipv6"];

/** Never reached by the name of a host, only by their own address or network in the configuration: RFC 3927, RFC 4291, metadata services. */
const LINK_LOCAL: readonly Network[] = [
  ["169.254.0.0", 16, "ipv4"],
  ["168.63.129.16", 32, "ipv4"],
  ["100.100.100.200", 32, "ipv4"],
  ["192.0.0.192", 32, "ipv4"],
  ["fe80::", 10, "ipv6"],
  ["fd00:ec2::254", 128, "ipv6"],
  ["fd20:ce::254", 128, "ipv6"],
];

/** RFC 6890 and its registries. */
const NOT_PUBLIC: readonly Network[] = [
  ["0.0.0.0", 8, "ipv4"],
  ["10.0.0.0", 8, "ipv4"],
  ["100.64.0.0", 10, "ipv4"],
  ["127.0.0.0", 8, "ipv4"],
  ["172.16.0.0", 12, "ipv4"],
  ["192.0.0.0", 24, "ipv4"],
  ["192.168.0.0", 16, "ipv4"],
  ["198.18.0.0", 15, "ipv4"],
  ["224.0.0.0", 3, "ipv4"],
  ["::", 127, "ipv6"],
  ["fc00::", 7, "ipv6"],
  ["fec0::", 10, "ipv6"],
  ["ff00::", 8, "ipv6"],
];

function blockList(networks: readonly Network[]): BlockList {
  const list = new BlockList();
  for (const [address, prefix, family] of networks) list.addSubnet(address, prefix, family);
  return list;
}

const linkLocal = blockList(LINK_LOCAL);
const notPublic = blockList(NOT_PUBLIC);

export class AddressGuard {
  readonly #hosts = new Set<string>();
  readonly #networks = new BlockList();

  /** `allow`: hosts (`localhost`, `api.internal`), addresses and networks (`10.0.0.0/8`) that may be called though not public. */
  constructor(allow: readonly string[] = []) {
    for (const entry of allow) {
      const [address = "", prefix] = entry.split("/");
      const family = isIP(address);
      if (family === 0) this.#hosts.add(entry.toLowerCase());
      else {
        const bits = prefix === undefined ? (family === 4 ? 32 : 128) : Number(prefix);
        this.#networks.addSubnet(address, bits, family === 4 ? "ipv4" : "ipv6");
      }
    }
  }

  /** True for a host the configuration names. */
  namesHost(host: string): boolean {
    const bare = bareHost(host);
    return this.#hosts.has(bare) || (isIP(bare) !== 0 && this.#isNamed(unmapped(bare)));
  }

  /** Throws AddressRefused for a host that is itself an address nobody may call; names are checked by `lookup`. */
  checkHost(host: string): void {
    const bare = bareHost(host);
    if (isIP(bare) !== 0) this.#check(bare, bare);
  }

  /** Resolves a name for a connection, and fails when an address of it is refused. */
  readonly lookup: LookupFunction = (host, options, callback) => {
    dnsLookup(host, { ...options, all: true }, (error, addresses) => {
      if (error !== null) return callback(error, "", 0);
      try {
        for (const { address } of addresses) this.#check(host, address);
      } catch (refused) {
        return callback(refused as NodeJS.ErrnoException, "", 0);
      }
      const [first] = addresses as readonly LookupAddress[];
      if (options.all === true) return callback(null, addresses);
      return callback(null, first?.address ?? "", first?.family ?? 0);
    });
  };

  #check(host: string, address: string): void {
    const plain = unmapped(address);
    if (this.#isNamed(plain)) return;
    const family = isIP(plain) === 4 ? "ipv4" : "ipv6";
    const isRefused =
      linkLocal.check(plain, family) || (notPublic.check(plain, family) && !this.#hosts.has(bareHost(host)));
    if (isRefused) throw new AddressRefused(host, address);
  }

  #isNamed(address: string): boolean {
    return this.#networks.check(address, isIP(address) === 4 ? "ipv4" : "ipv6");
  }
}

function bareHost(host: string): string {
  return host
    .replace(/^\[|\]$/g, "")
    .replace(/\.$/, "")
    .toLowerCase();
}

/** IPv4 in IPv6's clothes: `::ffff:169.254.169.254`, and NAT64's `64:ff9b::a9fe:a9fe`. */
function unmapped(address: string): string {
  if (isIP(address) !== 6) return address;
  const full = new URL(`http://[${address.split("%")[0]}]/`).hostname.slice(1, -1);
  const match = /^(?:::ffff:|64:ff9b::)([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(full);
  if (match === null) return full;
  const [high, low] = [Number.parseInt(match[1] as string, 16), Number.parseInt(match[2] as string, 16)];
  return [high >> 8, high & 255, low >> 8, low & 255].join(".");
}
