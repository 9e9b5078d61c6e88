/**
 * Requests to the server this page came from. One place knows the session's CSRF token, how refusals look, and that an
 * answer may be no JSON at all (a proxy's error page).
 */

/** A refusal or a failure: the server's word and its message; `status` 0 when no answer came. */
export class ApiFailure extends Error {
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, message: string) {
    super(message);
    this.name = "ApiFailure";
    this.status = status;
    this.code = code;
  }
}

let csrfToken: string | undefined;
let onSessionLost: () => void = () => undefined;

/** Of the session; sent with everything that changes something. */
export function setCsrfToken(token: string | undefined): void {
  csrfToken = token;
}

/** Called when the server no longer knows the session. */
export function whenSessionIsLost(listener: () => void): void {
  onSessionLost = listener;
}

export interface RequestOptions {
  readonly method?: "GET" | "POST" | "DELETE";
  /** Sent as JSON. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

/** Answers that were asked for before the page that shows them was there, by what was asked. */
const early = new Map<string, Promise<Response>>();

/** An answer nobody has taken by then is an old one. */
const EARLY_MS_MAX = 10_000;

/** Asks now for what changes nothing; the first equal request takes this answer. Nobody is told when it fails but who takes it. */
export function requestEarly(path: string, options: RequestOptions = {}): void {
  const init = initOf(options);
  const key = keyOf(path, init);
  const answer = fetch(path, init);
  answer.catch(() => early.delete(key));
  early.set(key, answer);
  setTimeout(() => early.delete(key), EARLY_MS_MAX);
}

function takeEarly(path: string, init: RequestInit): Promise<Response> | undefined {
  if (early.size === 0) return undefined;
  const key = keyOf(path, init);
  const answer = early.get(key);
  early.delete(key);
  return answer;
}

const keyOf = (path: string, { method, headers, body }: RequestInit): string =>
  JSON.stringify([method, path, headers, body]);

function initOf({ method = "GET", body, headers = {}, signal }: RequestOptions): RequestInit {
  const csrf: Record<string, string> =
    method === "GET" || csrfToken === undefined ? {} : { "x-stepwell-csrf": csrfToken };
  const json: Record<string, string> = body === undefined ? {} : { "content-type": "application/json" };
  const init: RequestInit = { method, headers: { ...json, ...csrf, ...headers }, credentials: "same-origin" };
  if (body !== undefined) init.body = JSON.stringify(body);
  if (signal !== undefined) init.signal = signal;
  return init;
}

/** Requests a path of the server; throws ApiFailure for every answer but 2xx. */
export async function request(path: string, options: RequestOptions = {}): Promise<Response> {
  const init = initOf(options);
  const response = await (takeEarly(path, init) ?? fetch(path, init)).catch((cause: unknown) => {
    if (cause instanceof DOMException && cause.name === "AbortError") throw cause;
    throw new ApiFailure(0, "Unreachable", "The server does not answer.");
  });
  if (response.ok) return response;
  const failure = await failureOf(response);
  if (response.status === 401) onSessionLost();
  throw failure;
}

/** A GET or POST of /api/v1 that answers JSON. */
export async function callV1<T>(path: string, options: RequestOptions = {}): Promise<T> {
  const response = await request(`/api/v1${path}`, options);
  return (response.status === 204 ? undefined : await response.json()) as T;
}

async function failureOf(response: Response): Promise<ApiFailure> {
  const text = await response.text();
  try {
    const body = JSON.parse(text) as { error?: string; __type?: string; message?: string; Message?: string };
    const code = body.error ?? body.__type?.split("#").at(-1) ?? String(response.status);
    return new ApiFailure(response.status, code, body.message ?? body.Message ?? code);
  } catch {
    return new ApiFailure(response.status, String(response.status), `The server answered ${response.status}.`);
  }
}

/** A query string of the members that have a value; an array repeats its name. */
export function queryOf(
  members: Readonly<Record<string, string | number | boolean | readonly string[] | undefined>>,
): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(members)) {
    if (value === undefined || value === "") continue;
    for (const one of Array.isArray(value) ? value : [value]) query.append(name, String(one));
  }
  const text = query.toString();
  return text === "" ? "" : `?${text}`;
}
