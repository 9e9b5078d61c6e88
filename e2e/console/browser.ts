/** Chromium for the tests of the console, the console built, and what the tests ask of a page. */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { type Browser, chromium, type Page } from "playwright-core";

const ROOT = join(import.meta.dirname, "..", "..");
const require = createRequire(import.meta.url);

const PLACES = [
  process.env["STEPWELL_CHROMIUM"],
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
];

/** Where a Chromium is; undefined where there is none. */
export const CHROMIUM: string | undefined = PLACES.find((place) => place !== undefined && existsSync(place));

/**
 * How long anything may take that a page or a server is waited for: a bound for a machine on which much else runs, never a
 * measure.
 */
export const PATIENCE_MS = 150_000;

const QUIET = [
  ...["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"],
  ...["--disable-background-networking", "--disable-component-update", "--disable-sync"],
];

/** Playwright makes a user data directory of its own and takes it away with the browser. */
export function openBrowser(args: readonly string[] = []): Promise<Browser> {
  if (CHROMIUM === undefined) throw new Error("there is no Chromium");
  // Its first start reads hundreds of megabytes that were just installed.
  return chromium.launch({ executablePath: CHROMIUM, args: [...QUIET, ...args], timeout: PATIENCE_MS });
}

/** Builds packages/console/dist/app from its source: some seconds. */
export function buildConsole(): void {
  const vite = join(ROOT, "node_modules", "vite", "bin", "vite.js");
  const cwd = join(ROOT, "packages", "console");
  // A test's own NODE_ENV would build the library that warns instead of the one that is shipped.
  const env = { ...process.env, NODE_ENV: "production" };
  const { status, stderr } = spawnSync(process.execPath, [vite, "build", "--logLevel", "error"], {
    cwd,
    env,
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(`vite build failed:\n${stderr}`);
}

/** A call of AWS's API, unsigned. */
export async function callAws<T>(url: string, operation: string, input: object): Promise<T> {
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/x-amz-json-1.0", "x-amz-target": `AWSStepFunctions.${operation}` },
    body: JSON.stringify(input),
  });
  const answer: unknown = await response.json();
  if (!response.ok) throw new Error(`${operation}: ${JSON.stringify(answer)}`);
  return answer as T;
}

interface AxeFinding {
  readonly id: string;
  readonly impact: string | null;
  readonly help: string;
  readonly nodes: readonly { readonly html: string; readonly failureSummary?: string }[];
}

const AXE = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");
const RULES = {
  all: "{ type: 'tag', values: ['wcag2a','wcag2aa','wcag21a','wcag21aa','wcag22aa'] }",
  /** Those that other colours may break. */
  colours: "{ type: 'rule', values: ['color-contrast', 'link-in-text-block'] }",
} as const;

/** The page as it stays: nothing is being loaded any more, and what came has been drawn. */
export async function settled(page: Page): Promise<void> {
  await page.locator(".loading").first().waitFor({ state: "detached" });
  await page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done())))");
}

/** The serious and critical findings of axe, in words. */
export async function axeFindings(page: Page, rules: keyof typeof RULES = "all"): Promise<readonly string[]> {
  if ((await page.evaluate("typeof axe")) === "undefined") await page.evaluate(AXE);
  const run = `axe.run(document, { runOnly: ${RULES[rules]} }).then(({ violations }) => violations)`;
  const found = (await page.evaluate(run)) as readonly AxeFinding[];
  return found
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .map(
      ({ id, help, nodes }) =>
        `${id}: ${help}\n  ${nodes
          .slice(0, 4)
          .map(({ html, failureSummary }) => `${html.slice(0, 160)}\n    ${failureSummary ?? ""}`)
          .join("\n  ")}`,
    );
}

const SCREENSHOTS = join(ROOT, "docs", "screenshots");

/** STEPWELL_SCREENSHOTS=1 keeps pictures in docs/screenshots. */
export async function keepScreenshot(page: Page, name: string): Promise<void> {
  if (process.env["STEPWELL_SCREENSHOTS"] !== "1") return;
  mkdirSync(SCREENSHOTS, { recursive: true });
  await page.screenshot({ path: join(SCREENSHOTS, `${name}.png`) });
}
