import { expect, test } from "vitest";
import { assertMayListen, isLoopback } from "./listen-address.ts";

test.each(["127.0.0.1", "127.8.9.10", "::1", "[::1]", "localhost", "LOCALHOST", "::ffff:127.0.0.1"])(
  "%s is this machine alone",
  (host) => {
    expect(isLoopback(host)).toBe(true);
    expect(() => assertMayListen(host, { authenticated: false })).not.toThrow();
  },
);

test.each(["0.0.0.0", "::", "10.0.0.1", "example.com", "localhost.example.com", "", "128.0.0.1", "::ffff:10.0.0.1"])(
  "%s needs authentication",
  (host) => {
    expect(isLoopback(host)).toBe(false);
    expect(() => assertMayListen(host, { authenticated: false })).toThrow(`got "${host}"`);
    expect(() => assertMayListen(host, { authenticated: true })).not.toThrow();
  },
);
