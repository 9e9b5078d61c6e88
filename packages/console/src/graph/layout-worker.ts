/** The worker that lays out graphs: its script takes longer than most layouts, so one is begun before it is needed. */

let idle: Worker | undefined;

function newWorker(): Worker {
  const worker = new Worker(new URL("./layout.worker.ts", import.meta.url), { type: "module" });
  worker.onerror = () => {
    if (idle === worker) idle = undefined;
  };
  return worker;
}

/** Has one ready for the first graph. */
export function beginLayoutWorker(): void {
  idle ??= newWorker();
}

export function takeLayoutWorker(): Worker {
  const worker = idle ?? newWorker();
  idle = undefined;
  return worker;
}

/** Kept for the next graph, unless one is. */
export function giveLayoutWorker(worker: Worker): void {
  if (idle === undefined) idle = worker;
  else if (idle !== worker) worker.terminate();
}
