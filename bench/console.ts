/**
 * The console's budgets (docs/console.md), measured in a real browser against a real server and printed beside what was
 * asked. `npm run budgets`; nothing fails by it: times depend on the machine, and are read by people.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import type { Browser, CDPSession, Page } from "playwright-core";
import { buildConsole, callAws, openBrowser } from "../e2e/console/browser.ts";
import { startStepwell } from "../e2e/stepwell-process.ts";

const ROLE = "arn:aws:iam::123456789012:role/console";
const MAP_ROWS = Number(process.env["STEPWELL_BUDGET_ROWS"] ?? 100_000);

interface Row {
  readonly what: string;
  readonly measured: string;
  readonly budget: string;
  readonly isMet: boolean;
}

const rows: Row[] = [];

/** Milliseconds of the ruler when it was last laid on. */
let rulerMs = 0;

/**
 * A page of nothing with a table of 300 rows: what any page costs here and now. Times are told as multiples of it too, which
 * other work on the machine changes little.
 */
const RULER = `<table></table><script>
  for (let row = 0; row < 300; row++) {
    const cells = document.querySelector("table").insertRow();
    for (let cell = 0; cell < 8; cell++) cells.insertCell().textContent = row + " of " + cell;
  }
</script>`;

/**
 * Opens an address, and tells the milliseconds until what is looked for stands there and was painted, as the page itself saw it
 * at a frame. Whoever asks from outside asks at 0, 20, 70, 170, 270, 770 ms and so on (playwright's pauses): that measures its pauses.
 */
async function shown(page: Page, address: string, lookedFor: string): Promise<number> {
  const binding = `shown${++shownCount}`;
  let tell = (): void => undefined;
  const seen = new Promise<void>((resolve) => {
    tell = resolve;
  });
  await page.exposeFunction(binding, tell);
  await page.addInitScript(`(() => {
    const look = () => {
      const isThere = document.body !== null && Boolean(${lookedFor});
      requestAnimationFrame(isThere ? () => setTimeout(() => window.${binding}?.()) : look);
    };
    requestAnimationFrame(look);
  })()`);
  const begun = performance.now();
  await page.goto(address, { waitUntil: "commit" });
  await seen;
  return performance.now() - begun;
}

let shownCount = 0;

/** A state's box in the document, placed and in sight. */
const boxOf = (state: string): string =>
  `[...document.querySelectorAll('[data-state="${state}"]')].some((box) => getComputedStyle(box).visibility === "visible")`;

async function layRuler(browser: Browser): Promise<void> {
  const times: number[] = [];
  for (let at = 0; at < 5; at++) {
    const page = await browser.newPage();
    const address = `data:text/html,${encodeURIComponent(RULER)}`;
    times.push(await shown(page, address, "document.querySelectorAll('tr').length === 300"));
    await page.close();
  }
  rulerMs = times.sort((a, b) => a - b)[2] ?? 0;
  console.log(`        ruler: a page of 300 rows takes ${rulerMs.toFixed(0)} ms`);
}

function note(what: string, value: number, unit: string, max: number): void {
  const shown = (number: number) => (number >= 100 ? Math.round(number).toLocaleString("en-US") : number.toFixed(1));
  const row = { what, measured: `${shown(value)} ${unit}`, budget: `≤ ${shown(max)} ${unit}`, isMet: value <= max };
  rows.push(row);
  const rulers = unit === "ms" && rulerMs > 0 ? `   ${(value / rulerMs).toFixed(1)} rulers` : "";
  console.log(
    `${row.isMet ? "  met" : "MISSED"}  ${what.padEnd(58)} ${row.measured.padStart(14)}   ${row.budget.padEnd(14)}${rulers}`,
  );
}

async function main(): Promise<void> {
  buildConsole();
  const directory = mkdtempSync(join(tmpdir(), "stepwell-budgets-"));
  const server = await startStepwell(directory);
  const browser = await openBrowser(["--enable-precise-memory-info", "--js-flags=--expose-gc"]);
  const measures = [
    () => firstPage(browser, server.url),
    () => runsTable(browser, server.url),
    () => longRun(browser, server.url, "10,000 events", 2_490, 10_000),
    () => longRun(browser, server.url, "25,000 events", 6_240, 25_000),
    () => largeGraph(browser, server.url, 300),
    () => largeGraph(browser, server.url, 1_000),
    () => mapRun(browser, server.url),
    () => runningMapRun(browser, server.url),
    () => latency(browser, server.url),
  ];
  try {
    for (const measure of measures) {
      await layRuler(browser);
      await measure();
    }
  } finally {
    await browser.close();
    await server.stop();
    rmSync(directory, { recursive: true, force: true });
  }
  const missed = rows.filter(({ isMet }) => !isMet).length;
  console.log(`\n${rows.length - missed} budgets met, ${missed} missed`);
}

async function machine(url: string, name: string, definition: unknown): Promise<string> {
  const text = JSON.stringify(definition);
  const made = await callAws<{ stateMachineArn: string }>(url, "CreateStateMachine", {
    name,
    definition: text,
    roleArn: ROLE,
  });
  return made.stateMachineArn;
}

async function execution(url: string, stateMachineArn: string, name: string, input: unknown = {}): Promise<string> {
  const started = await callAws<{ executionArn: string }>(url, "StartExecution", {
    stateMachineArn,
    name,
    input: JSON.stringify(input),
  });
  return started.executionArn;
}

async function ended(url: string, executionArn: string): Promise<void> {
  for (let tries = 0; tries < 6_000; tries++) {
    const { status } = await callAws<{ status: string }>(url, "DescribeExecution", { executionArn });
    if (status !== "RUNNING") return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`${executionArn} did not end within ten minutes`);
}

const KB = 1_000;

async function firstPage(browser: Browser, url: string): Promise<void> {
  const page = await browser.newPage();
  const sizes = { script: 0, stylesheet: 0 };
  const reading: Promise<void>[] = [];
  page.on("response", (response) => {
    const kind = response.request().resourceType();
    if (kind !== "script" && kind !== "stylesheet") return;
    reading.push(
      response.body().then((body) => {
        sizes[kind] += gzipSync(body, { level: 9 }).length;
      }),
    );
  });
  await page.goto(`${url}/console/`, { waitUntil: "networkidle" });
  await page.getByText("Running now").waitFor();
  await Promise.all(reading);
  note("first page (overview): JavaScript, gzip", sizes.script / KB, "KB", 150);
  note("first page (overview): CSS, gzip", sizes.stylesheet / KB, "KB", 15);
  await page.close();
}

async function throttled(page: Page, rate: number): Promise<CDPSession> {
  const session = await page.context().newCDPSession(page);
  await session.send("Emulation.setCPUThrottlingRate", { rate });
  return session;
}

const FCP = "performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? 0";

async function runsTable(browser: Browser, url: string): Promise<void> {
  const arn = await machine(url, "quick", { StartAt: "A", States: { A: { Type: "Pass", End: true } } });
  for (let at = 0; at < 150; at++) await execution(url, arn, `quick-${at}`);
  const page = await browser.newPage();
  await throttled(page, 4);
  const newest = "[...document.querySelectorAll('.vtable a')].some((link) => link.textContent === 'quick-149')";
  note("runs, CPU 4x slower: usable table", await shown(page, `${url}/console/runs`, newest), "ms", 1_200);
  note("runs, CPU 4x slower: first contentful paint", (await page.evaluate(FCP)) as number, "ms", 800);
  await page.close();
}

const LONG_TASKS = `window.longTasks = []; new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) window.longTasks.push(entry.duration);
}).observe({ type: "longtask", buffered: false });`;

async function longRun(browser: Browser, url: string, title: string, loops: number, events: number): Promise<void> {
  const definition = {
    StartAt: "Init",
    States: {
      Init: { Type: "Pass", Result: { n: 0 }, Next: "Add" },
      Add: { Type: "Pass", Parameters: { "n.$": "States.MathAdd($.n, 1)" }, Next: "More?" },
      "More?": {
        Type: "Choice",
        Choices: [{ Variable: "$.n", NumericLessThan: loops, Next: "Add" }],
        Default: "Done",
      },
      Done: { Type: "Succeed" },
    },
  };
  const name = `loop-${events}`;
  const arn = await execution(url, await machine(url, name, definition), name);
  await ended(url, arn);
  const page = await browser.newPage();
  let bytes = 0;
  let isFirst = true;
  page.on("response", (response) => {
    if (!isFirst || !response.url().includes("/events")) return;
    isFirst = false;
    void response.body().then((body) => {
      bytes = body.length;
    });
  });
  // The page's files are in the cache of a console that is used.
  await page.goto(`${url}/console/runs`);
  await page
    .getByText("runs so far")
    .or(page.getByText(/\d runs/))
    .first()
    .waitFor();
  const begun = performance.now();
  const first = await shown(page, `${url}/console/runs/execution:${name}:${name}`, boxOf("Add"));
  note(`${title}: first screen`, first, "ms", 500);
  await page.getByText(/^[\d,]+ events$/).waitFor({ timeout: 60_000 });
  note(`${title}: all loaded`, performance.now() - begun, "ms", 10_000);
  note(`${title}: first page of events on the wire`, bytes / KB, "KB", 100);
  await page.evaluate("globalThis.gc?.()");
  note(
    `${title}: heap with all of them`,
    Number(await page.evaluate("performance.memory.usedJSHeapSize")) / 1e6,
    "MB",
    80,
  );
  await page.getByRole("tab", { name: "Events" }).click();
  await page.getByText("Execution started").waitFor();
  await page.evaluate(LONG_TASKS);
  const frames = (await page.evaluate(`new Promise((done) => {
    const box = document.querySelector(".vtable-scroll");
    const begun = performance.now();
    let frames = 0;
    const step = () => {
      frames++;
      box.scrollTop += 400;
      if (performance.now() - begun < 2000) requestAnimationFrame(step);
      else done(frames / 2);
    };
    step();
  })`)) as number;
  const tasks = (await page.evaluate("window.longTasks")) as readonly number[];
  note(`${title}: scrolling, longest task`, Math.max(0, ...tasks), "ms", 50);
  console.log(`        ${title}: scrolling at ${frames.toFixed(0)} frames a second`);
  await page.close();
}

function chain(count: number): unknown {
  const states = Object.fromEntries(
    Array.from({ length: count }, (_, at) => [
      `S${at}`,
      at === count - 1 ? { Type: "Succeed" } : { Type: "Pass", Next: `S${at + 1}` },
    ]),
  );
  return { StartAt: "S0", States: states };
}

const DOM_NODES = "document.querySelectorAll('.graph *').length";

/** The run begins while its page is open: every state changes its colour as it is told. */
async function largeGraph(browser: Browser, url: string, count: number): Promise<void> {
  const name = `graph-${count}`;
  const arn = await machine(url, name, chain(count));
  const page = await browser.newPage();
  const drawn = await shown(page, `${url}/console/machines/${name}?tab=definition`, boxOf("S0"));
  note(`graph of ${count} states: drawn`, drawn, "ms", 1_000);
  await execution(url, arn, name);
  await page.goto(`${url}/console/runs/execution:${name}:${name}`, { waitUntil: "commit" });
  await page.locator('[data-state="S0"]', { hasText: "Succeeded" }).waitFor();
  await page.evaluate(LONG_TASKS);
  let nodes = Number(await page.evaluate(DOM_NODES));
  for (let zoom = 0; zoom < 6; zoom++) {
    await page.getByRole("button", { name: "Farther" }).click();
    await page.waitForTimeout(120);
    nodes = Math.max(nodes, Number(await page.evaluate(DOM_NODES)));
  }
  note(`graph of ${count} states: nodes of the document, any zoom`, nodes, "nodes", 1_500);
  const tasks = (await page.evaluate("window.longTasks")) as readonly number[];
  note(`graph of ${count} states: zooming, longest task`, Math.max(0, ...tasks), "ms", 50);
  await page.close();
}

async function mapRun(browser: Browser, url: string): Promise<void> {
  const definition = {
    StartAt: "Each",
    States: {
      Each: {
        Type: "Map",
        Label: "Rows",
        ItemsPath: "$.rows",
        ItemProcessor: {
          ProcessorConfig: { Mode: "DISTRIBUTED", ExecutionType: "EXPRESS" },
          StartAt: "Good",
          States: { Good: { Type: "Pass", End: true } },
        },
        ResultPath: null,
        End: true,
      },
    },
  };
  // As many items as a payload of 256 KB holds: one digit each.
  const input = { rows: Array.from({ length: MAP_ROWS }, () => 0) };
  const arn = await machine(url, "rows", definition).then((made) => execution(url, made, "rows", input));
  const detail = async (): Promise<string | undefined> => {
    const response = await fetch(`${url}/api/v1/executions/${encodeURIComponent(arn)}`);
    const { mapRuns } = (await response.json()) as { mapRuns: readonly { mapRunArn: string }[] };
    return mapRuns[0]?.mapRunArn;
  };
  let mapRunArn: string | undefined;
  for (let tries = 0; mapRunArn === undefined && tries < 200; tries++) {
    await new Promise((resolve) => setTimeout(resolve, 50));
    mapRunArn = await detail();
  }
  if (mapRunArn === undefined) {
    const { status, error, cause } = await callAws<Record<string, string>>(url, "DescribeExecution", {
      executionArn: arn,
    });
    throw new Error(`no map run began: ${status} ${error} ${cause?.slice(0, 200)}`);
  }
  const id = mapRunArn.split(":").slice(5).join(":").replace("/", "~");
  await ended(url, arn);
  const opened = await browser.newPage();
  const address = `${url}/console/runs/execution:rows:rows/maps/${id}`;
  const cells = await shown(opened, address, "document.querySelector('.cells canvas')");
  note(`map run of ${MAP_ROWS.toLocaleString("en-US")}: page`, cells, "ms", 1_000);
  const paint = (await opened.evaluate(`new Promise((done) => {
    const box = document.querySelector(".cells");
    const times = [];
    const step = () => {
      const begun = performance.now();
      box.scrollTop = times.length % 2 === 0 ? 100 : 0;
      box.dispatchEvent(new Event("scroll"));
      requestAnimationFrame(() => requestAnimationFrame(() => {
        times.push(performance.now() - begun);
        if (times.length < 20) step(); else done(times.sort((a, b) => a - b)[10]);
      }));
    };
    step();
  })`)) as number;
  console.log(`        map run: two frames with a whole repaint take ${paint.toFixed(1)} ms (a frame is 16.7)`);
  await opened.close();
}

/** A slower one, so that there is something to watch: children that wait a second, a hundred at once. */
async function runningMapRun(browser: Browser, url: string): Promise<void> {
  const definition = {
    StartAt: "Each",
    States: {
      Each: {
        Type: "Map",
        Label: "Slow",
        MaxConcurrency: 100,
        ItemsPath: "$.rows",
        ItemProcessor: {
          ProcessorConfig: { Mode: "DISTRIBUTED", ExecutionType: "EXPRESS" },
          StartAt: "Wait",
          States: { Wait: { Type: "Wait", Seconds: 1, End: true } },
        },
        ResultPath: null,
        End: true,
      },
    },
  };
  const input = { rows: Array.from({ length: 1_500 }, () => 0) };
  const arn = await machine(url, "slow", definition).then((made) => execution(url, made, "slow", input));
  const page = await browser.newPage();
  let requests = 0;
  page.on("request", (request) => {
    if (request.url().includes("/api/v1/")) requests++;
  });
  await page.goto(`${url}/console/runs/${arn.split(":").slice(5).join(":")}`);
  await page.getByRole("link", { name: "Each" }).click();
  await page.locator(".cells canvas").waitFor();
  await page.evaluate(LONG_TASKS);
  requests = 0;
  const seconds = 8;
  await page.waitForTimeout(seconds * 1_000);
  note("running map run: requests a second", requests / seconds, "/s", 2);
  const tasks = (await page.evaluate("window.longTasks")) as readonly number[];
  note("running map run: longest task", Math.max(0, ...tasks), "ms", 50);
  await page.close();
}

async function latency(browser: Browser, url: string): Promise<void> {
  await callAws(url, "CreateActivity", { name: "steps" });
  const activityArn = "arn:aws:states:us-east-1:123456789012:activity:steps";
  const states = Object.fromEntries(
    Array.from({ length: 20 }, (_, at) => [
      `Step ${at}`,
      { Type: "Task", Resource: activityArn, ...(at === 19 ? { End: true } : { Next: `Step ${at + 1}` }) },
    ]),
  );
  const arn = await machine(url, "steps", { StartAt: "Step 0", States: states });
  await execution(url, arn, "steps");
  const page = await browser.newPage();
  await page.goto(`${url}/console/runs/execution:steps:steps`);
  await page.locator('[data-state="Step 0"]', { hasText: "Waiting" }).waitFor();
  await page.getByText("live", { exact: true }).waitFor();
  const times: number[] = [];
  for (let at = 0; at < 20; at++) {
    const { taskToken } = await callAws<{ taskToken: string }>(url, "GetActivityTask", { activityArn });
    await page.locator(`[data-state="Step ${at}"]`, { hasText: "Running" }).waitFor();
    const seen = page.locator(`[data-state="Step ${at}"]`, { hasText: "Succeeded" }).waitFor();
    const answered = callAws(url, "SendTaskSuccess", { taskToken, output: "{}" }).then(() => performance.now());
    await seen;
    times.push(performance.now() - (await answered));
  }
  const sorted = times.sort((a, b) => a - b);
  note("live: event stored to visible, p95 of 20", Math.max(0, sorted[18] ?? 0), "ms", 250);
  await page.close();
}

await main();
