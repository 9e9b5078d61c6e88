/** Reads server-sent events as a client that keeps up does. */
export interface StreamMessage {
  readonly event: string;
  readonly id?: string;
  readonly data: unknown;
}

export interface FollowedStream {
  /** Everything so far. */
  readonly messages: readonly StreamMessage[];
  stop(): void;
}

/** Until it is stopped, or the service ends it; it does not come back by itself. */
export function followStream(
  url: string,
  path: string,
  headers: Readonly<Record<string, string>> = {},
): FollowedStream {
  const over = new AbortController();
  const messages: StreamMessage[] = [];
  read(`${url}/api/v1${path}`, headers, over.signal, (message) => messages.push(message)).catch((error: unknown) => {
    // A node that dies cuts its streams.
    if (!over.signal.aborted && !(error instanceof TypeError)) throw error;
  });
  return { messages, stop: () => over.abort() };
}

async function read(
  url: string,
  headers: Readonly<Record<string, string>>,
  signal: AbortSignal,
  take: (message: StreamMessage) => void,
): Promise<void> {
  const response = await fetch(url, { headers, signal });
  if (response.status !== 200 || response.body === null) throw new Error(`${url}: ${response.status}`);
  const decoder = new TextDecoder();
  let rest = "";
  for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
    const blocks = (rest + decoder.decode(chunk, { stream: true })).split("\n\n");
    rest = blocks.pop() ?? "";
    for (const block of blocks) {
      const lines = Object.fromEntries(block.split("\n").map((line) => line.split(/: (.*)/s).slice(0, 2)));
      const { event, id, data } = lines as Record<string, string>;
      if (event !== undefined) take({ event, ...(id === undefined ? {} : { id }), data: JSON.parse(data ?? "null") });
    }
  }
}
