import { isIPv4, isIPv6 } from "node:net";

/** CloudFormation takes 1 to 256. */
const BLOCKS_MAX = 256;

/** `count` blocks of 2^`bits` addresses from the beginning of a block, as Fn::Cidr gives them; a text says what is wrong. */
export function cidrBlocks(block: string, count: number, bits?: number): string[] | string {
  const [address = "", prefix = ""] = block.split("/");
  const width = isIPv4(address) ? 32 : isIPv6(address) ? 128 : 0;
  const length = Number(prefix);
  if (width === 0 || !/^\d{1,3}$/.test(prefix) || length > width)
    return `must begin with a block of addresses, got ${JSON.stringify(block)}`;
  if (!Number.isInteger(count) || count < 1 || count > BLOCKS_MAX)
    return `must have a count from 1 to ${BLOCKS_MAX}, got ${count}`;
  // Optional for IPv4 only, where a block of a subnet has 256 addresses.
  const size = bits ?? 8;
  if (!Number.isInteger(size) || size < 1 || size > width - length)
    return `must have bits from 1 to ${width - length}, got ${size}`;
  if (count > 2 ** Math.min(width - length - size, 30)) return `has no room for ${count} blocks of ${size} bits`;
  const host = BigInt(width - length);
  const first = (numberOf(address) >> host) << host;
  return Array.from({ length: count }, (_, index) => {
    const at = first + (BigInt(index) << BigInt(size));
    return `${width === 32 ? ipv4(at) : ipv6(at)}/${width - size}`;
  });
}

function numberOf(address: string): bigint {
  if (isIPv4(address)) return address.split(".").reduce((sum, part) => (sum << 8n) + BigInt(part), 0n);
  const [head = "", tail] = address.split("::");
  const groups = (text: string): string[] =>
    text === ""
      ? []
      : text.split(":").flatMap((group) => {
          if (!group.includes(".")) return [group];
          const value = numberOf(group);
          return [(value >> 16n).toString(16), (value & 0xffffn).toString(16)];
        });
  const [left, right] = [groups(head), groups(tail ?? "")];
  const all = [...left, ...Array<string>(8 - left.length - right.length).fill("0"), ...right];
  return all.reduce((sum, group) => (sum << 16n) + BigInt(`0x${group}`), 0n);
}

function ipv4(value: bigint): string {
  return [24n, 16n, 8n, 0n].map((shift) => (value >> shift) & 0xffn).join(".");
}

function ipv6(value: bigint): string {
  const groups = Array.from({ length: 8 }, (_, i) => ((value >> BigInt(112 - 16 * i)) & 0xffffn).toString(16));
  // The URL parser writes an address in its shortest form.
  return new URL(`http://[${groups.join(":")}]/`).hostname.slice(1, -1);
}
