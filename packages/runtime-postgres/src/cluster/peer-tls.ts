/**
 * Encryption between nodes: each node shows its certificate to those who call it, and they hold it against the authorities
 * they know. Who calls shows the cluster's secret, as without.
 */
import { createPrivateKey, X509Certificate } from "node:crypto";
import { readFileSync, statSync } from "node:fs";
import { isIP } from "node:net";
import { type ConnectionOptions, checkServerIdentity, connect, type PeerCertificate } from "node:tls";

/** Paths of PEM files. */
export interface PeerTlsFiles {
  /** This node's certificate, with those between it and the authority. */
  readonly cert: string;
  readonly key: string;
  /** Authorities whose certificates other nodes may have. Default: those that Node knows. */
  readonly ca?: string;
  /** What all nodes' certificates are made out to. Default: the address a node is reached at. */
  readonly name?: string;
}

/** The settings of TLS between nodes cannot be used: the operator has to mend them. */
export class PeerTlsFailure extends Error {
  override readonly name = "PeerTlsFailure";
}

export interface TlsTexts {
  readonly cert: string;
  readonly key: string;
  readonly ca?: string;
}

const RENEWED_LOOK_MS = 30_000;
const HANDSHAKE_MS = 5_000;

export class PeerTls {
  readonly #files: PeerTlsFiles;
  readonly #lookMs: number;
  #texts: TlsTexts;
  #seen: string;

  /** Throws PeerTlsFailure. */
  constructor(files: PeerTlsFiles, lookMs: number = RENEWED_LOOK_MS) {
    this.#files = files;
    this.#lookMs = lookMs;
    this.#seen = timesOf(files);
    this.#texts = readTexts(files);
  }

  get texts(): TlsTexts {
    return this.#texts;
  }

  get name(): string | undefined {
    return this.#files.name;
  }

  /** Certificates end, and are renewed in their place: `renewed` is called when the files have changed. */
  watch(renewed: () => void, onProblem: (problem: unknown, about: string) => void): () => void {
    const timer = setInterval(() => {
      try {
        const times = timesOf(this.#files);
        if (times === this.#seen) return;
        this.#texts = readTexts(this.#files);
        this.#seen = times;
        renewed();
      } catch (error) {
        // The old ones serve on; files that are being written are right the next time.
        onProblem(error, "peers.tls");
      }
    }, this.#lookMs);
    timer.unref();
    return () => clearInterval(timer);
  }

  /** Calls this very node as others will. Rejects PeerTlsFailure when they would refuse it. */
  async check(port: number, listensOn: string, reachedAt: string): Promise<void> {
    const { ca } = this.#texts;
    const expected = this.#files.name ?? hostOf(reachedAt);
    const problem = await handshake({ port, host: reachable(listensOn), ...expecting(expected), ...(ca && { ca }) });
    if (problem === undefined) return;
    const { cert } = this.#files;
    throw new PeerTlsFailure(`peers.tls.cert ${cert}: other nodes, which ask for ${expected}, refuse it: ${problem}`);
  }
}

/** The other side's certificate is held against this name or address, whatever is connected to. */
export function expecting(name: string): Pick<ConnectionOptions, "servername" | "checkServerIdentity"> {
  const checked = { checkServerIdentity: (_host: string, cert: PeerCertificate) => checkServerIdentity(name, cert) };
  // An IP is not told to the other side (RFC 6066).
  return isIP(name) === 0 ? { ...checked, servername: name } : checked;
}

function hostOf(address: string): string {
  return address
    .replace(/^https:\/\//, "")
    .replace(/:\d+$/, "")
    .replace(/^\[|\]$/g, "");
}

function reachable(host: string): string {
  return host === "0.0.0.0" ? "127.0.0.1" : host === "::" ? "::1" : host;
}

function handshake(options: ConnectionOptions): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = connect(options);
    const end = (problem?: string): void => {
      socket.destroy();
      resolve(problem);
    };
    socket.setTimeout(HANDSHAKE_MS, () => end("it did not answer"));
    socket.once("secureConnect", () => end());
    socket.once("error", (error) => end(error.message));
  });
}

function readTexts(files: PeerTlsFiles): TlsTexts {
  const cert = textOf("cert", files.cert);
  const key = textOf("key", files.key);
  const ca = files.ca === undefined ? undefined : textOf("ca", files.ca);
  const certificate = parsed("cert", files.cert, "a certificate in PEM", () => new X509Certificate(cert));
  const privateKey = parsed("key", files.key, "a private key in PEM, without a passphrase", () =>
    createPrivateKey(key),
  );
  if (files.ca !== undefined) {
    parsed("ca", files.ca, "certificates in PEM", () => new X509Certificate(ca ?? ""));
  }
  if (!certificate.checkPrivateKey(privateKey))
    throw new PeerTlsFailure(`peers.tls.key ${files.key}: is not the key of the certificate ${files.cert}`);
  if (certificate.validToDate.getTime() < Date.now())
    throw new PeerTlsFailure(`peers.tls.cert ${files.cert}: was valid to ${certificate.validTo}`);
  return { cert, key, ...(ca === undefined ? {} : { ca }) };
}

function textOf(what: keyof PeerTlsFiles, file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw new PeerTlsFailure(`peers.tls.${what}: ${(error as Error).message}`, { cause: error });
  }
}

function parsed<T>(what: keyof PeerTlsFiles, file: string, kind: string, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    throw new PeerTlsFailure(`peers.tls.${what} ${file}: must be ${kind}: ${(error as Error).message}`, {
      cause: error,
    });
  }
}

function timesOf({ cert, key, ca }: PeerTlsFiles): string {
  const files = ca === undefined ? [cert, key] : [cert, key, ca];
  return files.map((file) => statSync(file, { throwIfNoEntry: false })?.mtimeMs).join();
}
