import { expect, test } from "vitest";
import { AddressGuard } from "./address-guard.ts";

function refuses(host: string, allow: readonly string[] = []): boolean {
  try {
    new AddressGuard(allow).checkHost(host);
    return false;
  } catch {
    return true;
  }
}

test.each([
  "169.254.169.254",
  "[fe80::1]",
  "[fd00:ec2::254]",
  "[::ffff:169.254.169.254]",
  "[::ffff:a9fe:a9fe]",
  "[64:ff9b::a9fe:a9fe]",
  "127.0.0.1",
  "127.9.9.9",
  "[::1]",
  "[::]",
  "0.0.0.0",
  "10.1.2.3",
  "172.31.255.255",
  "192.168.0.1",
  "100.64.0.1",
  "[fc00::1]",
  "224.0.0.1",
  "255.255.255.255",
])("%s may not be called by default", (host) => {
  expect(refuses(host)).toBe(true);
});

test.each(["8.8.8.8", "172.32.0.1", "[2606:4700::1111]", "[::ffff:8.8.8.8]"])("%s may be called", (host) => {
  expect(refuses(host)).toBe(false);
});

test.each([
  ["127.0.0.1", "127.0.0.0/8"],
  ["10.1.2.3", "10.1.2.3"],
  ["[::1]", "::1"],
  ["[::ffff:10.1.2.3]", "10.0.0.0/8"],
  ["169.254.169.254", "169.254.169.254/32"],
])("%s may be called when %s is allowed", (host, allowed) => {
  expect(refuses(host, [allowed])).toBe(false);
});

function resolve(host: string, allow: readonly string[] = []): Promise<string> {
  return new Promise((settle, reject) => {
    new AddressGuard(allow).lookup(host, {}, (error, address) => {
      if (error === null) settle(String(address));
      else reject(error);
    });
  });
}

test("a name is as its addresses are", async () => {
  await expect(resolve("localhost")).rejects.toThrow(
    /^localhost \(.+\) is not a public address; to allow it, name the host, the address or its network in http\.allow of stepwell\.yaml$/,
  );
  await expect(resolve("localhost", ["localhost"])).resolves.toMatch(/127\.0\.0\.1|::1/);
});

test("a host that is allowed by name may still not lead to a link-local address", () => {
  expect(new AddressGuard(["localhost"]).namesHost("LOCALHOST")).toBe(true);
  expect(refuses("169.254.169.254", ["metadata.internal"])).toBe(true);
});
