/** Certificates made where they are needed: X.509 (RFC 5280) in DER, signed with ECDSA. */
import { generateKeyPairSync, type KeyObject, randomBytes, sign } from "node:crypto";
import { isIPv4 } from "node:net";

export interface TestCertificate {
  /** PEM. */
  readonly cert: string;
  readonly key: string;
  readonly issuer: { readonly name: string; readonly privateKey: KeyObject };
}

const DAY_MS = 86_400_000;
const SEQUENCE = 0x30;
const ECDSA_WITH_SHA256 = der(SEQUENCE, oid("2a8648ce3d040302"));

/** Of an authority when `signedBy` is absent; else for a host name or an IPv4 address. */
export function testCertificate(
  name: string,
  signedBy?: TestCertificate,
  { from = Date.now() - DAY_MS, to = Date.now() + DAY_MS }: { from?: number; to?: number } = {},
): TestCertificate {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "prime256v1" });
  const issuer = signedBy?.issuer ?? { name, privateKey };
  const tbs = der(
    SEQUENCE,
    der(0xa0, der(0x02, Buffer.from([2]))),
    der(0x02, Buffer.concat([Buffer.from([1]), randomBytes(12)])),
    ECDSA_WITH_SHA256,
    nameOf(issuer.name),
    der(SEQUENCE, time(from), time(to)),
    nameOf(name),
    publicKey.export({ type: "spki", format: "der" }),
    der(0xa3, der(SEQUENCE, signedBy === undefined ? authority() : alternativeName(name))),
  );
  const signature = sign("sha256", tbs, issuer.privateKey);
  const cert = der(SEQUENCE, tbs, ECDSA_WITH_SHA256, der(0x03, Buffer.concat([Buffer.from([0]), signature])));
  return {
    cert: pem("CERTIFICATE", cert),
    key: privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
    issuer: { name, privateKey },
  };
}

function der(tag: number, ...content: readonly Buffer[]): Buffer {
  const body = Buffer.concat(content);
  const length =
    body.length < 128
      ? Buffer.from([body.length])
      : body.length < 256
        ? Buffer.from([0x81, body.length])
        : Buffer.from([0x82, body.length >> 8, body.length & 0xff]);
  return Buffer.concat([Buffer.from([tag]), length, body]);
}

function oid(hex: string): Buffer {
  return der(0x06, Buffer.from(hex, "hex"));
}

function nameOf(commonName: string): Buffer {
  return der(SEQUENCE, der(0x31, der(SEQUENCE, oid("550403"), der(0x0c, Buffer.from(commonName)))));
}

function time(at: number): Buffer {
  return der(0x18, Buffer.from(`${new Date(at).toISOString().replace(/[-:T]/g, "").slice(0, 14)}Z`));
}

/** basicConstraints, critical: an authority. */
function authority(): Buffer {
  const isAuthority = der(0x04, der(SEQUENCE, der(0x01, Buffer.from([0xff]))));
  return der(SEQUENCE, oid("551d13"), der(0x01, Buffer.from([0xff])), isAuthority);
}

/** subjectAltName. */
function alternativeName(name: string): Buffer {
  const general = isIPv4(name) ? der(0x87, Buffer.from(name.split(".").map(Number))) : der(0x82, Buffer.from(name));
  return der(SEQUENCE, oid("551d11"), der(0x04, der(SEQUENCE, general)));
}

function pem(label: string, content: Buffer): string {
  const lines = content.toString("base64").match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join("\n")}\n-----END ${label}-----\n`;
}
