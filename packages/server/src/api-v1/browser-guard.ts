/**
 * Without authentication whoever reaches the port may do everything, and a browser of this machine reaches it for any page
 * it shows. Browsers say which page asks: only pages this server itself has served are let in.
 *
 * B1. The name in Host is one of this machine's: a page whose own name was pointed at 127.0.0.1 (DNS rebinding) sends that.
 * B2. Origin, when it is there, is this server. Browsers send it with everything but plain GETs.
 * B3. Sec-Fetch-Site does not speak of another site.
 *
 * Requests of other programs have neither Origin nor Sec-Fetch-Site.
 */
import type { IncomingHttpHeaders } from "node:http";
import { isLoopback } from "../listen-address.ts";

/** Why a request is refused; `undefined`: it is not. */
export function whyNotFromHere(headers: IncomingHttpHeaders): string | undefined {
  const { host = "", origin } = headers;
  const name = hostName(host);
  if (name === undefined || !isOwnName(name)) {
    return `Host: must be a name of this machine (localhost, 127.0.0.1, [::1]), got "${host.slice(0, 60)}"`;
  }
  if (origin !== undefined && originHost(origin) !== host.toLowerCase()) {
    return `Origin: must be the page this server serves, got "${origin.slice(0, 60)}"`;
  }
  const site = headers["sec-fetch-site"];
  if (site !== undefined && site !== "same-origin" && site !== "none") {
    return `Sec-Fetch-Site: must be same-origin, got "${String(site).slice(0, 20)}"`;
  }
  return undefined;
}

/** True for requests a browser made for a page. */
export function isFromPage(headers: IncomingHttpHeaders): boolean {
  return headers.origin !== undefined || headers["sec-fetch-site"] !== undefined;
}

function isOwnName(name: string): boolean {
  return isLoopback(name) || name.endsWith(".localhost");
}

function hostName(host: string): string | undefined {
  try {
    return new URL(`http://${host}`).hostname;
  } catch {
    return undefined;
  }
}

function originHost(origin: string): string | undefined {
  try {
    return new URL(origin).host.toLowerCase();
  } catch {
    return undefined;
  }
}
