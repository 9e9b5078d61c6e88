import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import {
  axeFindings,
  buildConsole,
  CHROMIUM,
  callAws,
  keepScreenshot,
  openBrowser,
  PATIENCE_MS,
  settled,
} from "./console/browser.ts";
import { makeEmpty, makeMachines, ROWS, startNap } from "./console/machines.ts";
import { CLI, type StepwellProcess, startStepwell } from "./stepwell-process.ts";

// The console in a real browser against the built server, as its users use it.

if (CHROMIUM === undefined) console.log("SKIPPED: the console in a browser: there is no Chromium on this machine");

const SAMPLE = join(import.meta.dirname, "..", "examples", "connect-users", "stepwell.yaml");
const run = promisify(execFile);

/** Minutes of work: .ci/run asks for it, in a step of its own. */
const isElsewhere = process.env["STEPWELL_CONSOLE"] !== "1";
if (CHROMIUM !== undefined && isElsewhere)
  console.log("SKIPPED: the console in a browser: STEPWELL_CONSOLE=1 tests it");

const WITH_PATIENCE = { timeout: 4 * PATIENCE_MS };

describe.skipIf(CHROMIUM === undefined || isElsewhere)("the console", WITH_PATIENCE, () => {
  const directory = mkdtempSync(join(tmpdir(), "stepwell-console-"));
  let server: StepwellProcess;
  let browser: Browser;
  let context: BrowserContext;
  const problems: string[] = [];
  let mapRunPath = "/runs/execution:bulk:import";

  beforeAll(async () => {
    buildConsole();
    process.env["CONNECT_USERS_DIRECTORY"] = join(directory, "contact-centre");
    server = await startStepwell(join(directory), {
      args: ["--functions", SAMPLE, "--fast-forward"],
      readyMs: PATIENCE_MS,
    });
    await makeMachines(server.url);
    browser = await openBrowser();
    context = await newContext();
  }, 4 * PATIENCE_MS);

  afterAll(async () => {
    await browser?.close();
    // How a server ends is tested elsewhere.
    await server?.killHard();
    rmSync(directory, { recursive: true, force: true });
  }, PATIENCE_MS);

  // Pages that nobody looks at would keep their streams: a browser opens six connections to a server and no more.
  afterEach(async () => {
    for (const page of context.pages()) await page.close();
  });

  /** What the browser complains of (the policy, a script that throws) fails the tests. */
  async function newContext(width = 1_400, height = 900): Promise<BrowserContext> {
    const made = await browser.newContext({ viewport: { width, height }, colorScheme: "light" });
    made.setDefaultTimeout(PATIENCE_MS);
    made.setDefaultNavigationTimeout(PATIENCE_MS);
    made.on("page", (page) => {
      page.on("console", (message) => {
        if (message.type() === "error" && !message.text().includes("status of 4")) problems.push(message.text());
      });
      page.on("pageerror", (error) => problems.push(String(error.stack)));
    });
    return made;
  }

  async function open(path: string, from: BrowserContext = context): Promise<Page> {
    const page = await from.newPage();
    await page.goto(`${server.url}/console${path}`);
    return page;
  }

  async function runStatus(page: Page, status: string): Promise<void> {
    await page.locator("h1 .status", { hasText: status }).waitFor();
  }

  test("the CSV sample is started from the dialog, watched, and its failed row forked with another input", async () => {
    const page = await open("/machines");
    await page.getByRole("button", { name: "Start connect-users" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel("Name (optional").fill("nightly-import");
    await dialog.getByRole("button", { name: "Start", exact: true }).click();
    await page.waitForURL("**/runs/execution:connect-users:nightly-import");
    // Nothing is loaded anew: what happens is told.
    await runStatus(page, "Succeeded");
    await page.locator('[data-state="UserCreate"]', { hasText: "10 caught" }).click();
    const side = page.getByRole("complementary");
    await side.getByText("Caught").waitFor();
    await side.getByLabel("only the 10 that failed").check();
    await side.getByText("visit 10 of 10").waitFor();
    expect(await side.getByLabel("Error").textContent()).toContain("InvalidParameterException");
    await side.getByText("After Parameters").waitFor();
    await keepScreenshot(page, "run-caught-light");

    await side.getByRole("button", { name: "Fork from here…" }).click();
    const fork = page.getByRole("dialog");
    const field = fork.getByLabel("Input of UserCreate (JSON)");
    const input = JSON.parse(await field.inputValue()) as { number: string };
    expect(input.number).toBe("19");
    await field.fill(JSON.stringify({ ...input, number: "7" }));
    await fork.getByText("1 added, 1 removed").waitFor();
    await keepScreenshot(page, "fork-light");
    await fork.getByRole("button", { name: "Fork", exact: true }).click();
    await page.getByText("Forked at").waitFor();
    await runStatus(page, "Succeeded");
    await page.locator('[data-state="UserCreate"]', { hasText: "Succeeded" }).waitFor();
    await page.getByRole("link", { name: "nightly-import" }).click();
    await page.getByText("visit 10 of 10").or(page.getByText("visit 19 of 22")).waitFor();
  });

  /** A worker that leaves other people's orders to other workers. */
  async function takeTask(orderId: string): Promise<string> {
    for (;;) {
      const { taskToken, input } = await callAws<{ taskToken: string; input: string }>(server.url, "GetActivityTask", {
        activityArn: "arn:aws:states:us-east-1:123456789012:activity:approve",
      });
      if ((JSON.parse(input) as { orderId: string }).orderId === orderId) return taskToken;
    }
  }

  test("a run is followed while a person answers its task", async () => {
    const page = await open("/runs/execution:order:order-5000");
    await page.locator('[data-state="Ask a person"]', { hasText: "Waiting" }).waitFor();
    const taskToken = await takeTask("A-52");
    await page.locator('[data-state="Ask a person"]', { hasText: "Running" }).waitFor();
    await callAws(server.url, "SendTaskSuccess", { taskToken, output: '{"yes":true}' });
    await runStatus(page, "Succeeded");
    await page.getByRole("tab", { name: "Events" }).click();
    await page.getByPlaceholder("Filter by state").fill("ActivitySucceeded");
    await page.getByRole("row", { name: /Activity succeeded/ }).click();
    await page.getByText('"yes": true').first().waitFor();
    await page.waitForURL(/event=\d+/);
    const again = await open(new URL(page.url()).pathname.replace("/console", "") + new URL(page.url()).search);
    await again.getByText("linked to event").waitFor();
  });

  test("runs are found by what is inside them, and a failed one says why", async () => {
    const page = await open("/runs");
    await page.getByRole("button", { name: "Inside input or output" }).click();
    await page.getByLabel("$.path").fill("$.orderId");
    await page.getByLabel("Value (JSON)").fill("A-51");
    await page.getByText(/^1 run/).waitFor();
    await page.getByRole("link", { name: "order-minus" }).click();
    await runStatus(page, "Failed");
    await page.getByText('"reason": "the total is below zero"').waitFor();
    await page.getByRole("button", { name: "Refuse" }).first().click();
    await page.waitForURL(/state=Refuse/);
  });

  test("a map run shows what failed; the failed rows run again", async () => {
    const page = await open("/runs/execution:bulk:import");
    await runStatus(page, "Succeeded");
    await page.getByRole("link", { name: "Each row" }).click();
    await page.getByText("1,979 succeeded").waitFor();
    await page.getByText("RowIsBad").first().waitFor();
    mapRunPath = new URL(page.url()).pathname.replace("/console", "");
    const cells = page.getByRole("application", { name: `${ROWS.toLocaleString("en-US")} child runs` });
    await cells.focus();
    await page.keyboard.press("f");
    await page.waitForURL(/item=3/);
    await page.getByText('"message": "no e-mail address"').waitFor();
    await page.getByRole("button", { name: "Redrive items…" }).click();
    await page.getByLabel("Change of their inputs").fill('{"bad": false}');
    await page.getByRole("dialog").getByRole("button", { name: "Redrive", exact: true }).click();
    await page.getByText("an earlier map run").waitFor();
    await page.getByText("21 succeeded").waitFor();
  });

  test("a definition is written, checked while it is, and saved as a version with its difference", async () => {
    const page = await open("/machines/order/edit");
    await page.getByText("Valid").waitFor();
    const editor = page.getByLabel("Definition", { exact: true });
    await editor.click();
    await page.keyboard.press("Control+Home");
    await page.keyboard.press("Control+f");
    await page.getByPlaceholder("Find").fill('"Next": "Ship"');
    await page.keyboard.press("Enter");
    await page.keyboard.press("Escape");
    // As one change: what is typed slowly is undone in steps.
    await page.keyboard.insertText('"Next": "Shop"');
    await page.getByText("1 error").waitFor();
    await page.getByRole("region", { name: "Findings" }).getByText("Shop").waitFor();
    await page.keyboard.press("Control+z");
    await page.getByText("Valid").waitFor();
    await page.getByRole("button", { name: "YAML" }).click();
    await page.getByText("StartAt: Check").waitFor();
    await page.getByRole("button", { name: "JSON", exact: true }).click();
    await page.getByRole("button", { name: "Save…" }).click();
    await page.getByLabel("Description of the version").fill("first");
    await page.getByRole("button", { name: "Save as a version" }).click();
    await page.waitForURL(/machines\/order\?tab=definition/);
    await page.getByRole("tab", { name: "Versions & aliases" }).click();
    await page.getByRole("button", { name: "Compare with latest" }).click();
    await page.getByText("No state differs").waitFor();
  });

  test("one state is tested stage by stage, and expressions are tried in the lab", async () => {
    const page = await open("/machines/order/edit?side=test&state=Check");
    await page.getByLabel("Input (JSON)").fill('{"total": 5}');
    await page.getByRole("button", { name: "Test", exact: true }).click();
    await page.getByText("leads to").waitFor();
    await page.getByRole("heading", { name: "After Parameters" }).waitFor();
    const lab = await open("/lab?mode=jsonata");
    await lab.getByLabel("Expression").fill("$states.input.orders[total > 20].id");
    await lab.getByRole("region", { name: "result" }).getByText('"b-7"').waitFor();
  });

  test("everything is reached by keyboard: palette, help, the graph", async () => {
    const page = await open("/runs/execution:order:order-50");
    await page.locator('[data-state="Check"]', { hasText: "Succeeded" }).waitFor();
    await page.locator('[data-state="Check"]').focus();
    await page.keyboard.press("ArrowDown");
    await page.waitForURL(/state=How/);
    await page.keyboard.press("?");
    await page.getByRole("heading", { name: "Keys" }).waitFor();
    await page.keyboard.press("Escape");
    await page.keyboard.press("Control+k");
    await page.getByRole("combobox").fill("bulk");
    await page.getByRole("option", { name: /bulk/ }).first().waitFor();
    await page.keyboard.press("Enter");
    await page.waitForURL("**/machines/bulk");
    // Two keys that come more than a second apart are not one.
    await expect
      .poll(
        async () => {
          await page.keyboard.press("g");
          await page.keyboard.press("w");
          return page.url();
        },
        { timeout: PATIENCE_MS, interval: 1_500 },
      )
      .toContain("/waiting");
  });

  test("a run is seen as it was, and told why it went so", async () => {
    const page = await open("/runs/execution:order:order-50");
    await page.locator('[data-state="Ship"]', { hasText: "Succeeded" }).waitFor();
    await page.getByLabel("Event of the history").fill("4");
    await page.waitForURL(/t=4/);
    await page
      .locator('[data-state="How much?"]', { hasText: "Running" })
      .or(page.getByText("Event 4 of"))
      .first()
      .waitFor();
    await page.locator('[data-state="Ship"].is-off-path').waitFor();
    await page.locator("body").press("t");
    await page.locator('[data-state="Ship"]', { hasText: "Succeeded" }).waitFor();
    await page.locator('[data-state="How much?"]').click();
    await page.getByText("No rule matched: the default").waitFor();
    await page.getByText("$.total = 50").first().waitFor();
    await page.getByRole("tab", { name: "Data" }).click();
    await page.getByRole("button", { name: "order", exact: true }).first().click();
    await page.getByLabel("Story of order").getByText("results at Pack: ResultPath missing").waitFor();
  });

  test("what took the time is told, on graph and timeline", async () => {
    const page = await open("/runs/execution:order:order-50");
    await page.getByRole("button", { name: "Critical path" }).click();
    await page.waitForURL(/critical=1/);
    await page.locator('[data-state="Reserve van"].is-strong').waitFor();
    await page.locator('[data-state="Pack one"].is-faded').waitFor();
    await page.getByRole("tab", { name: "Timeline" }).click();
    await page.getByRole("group", { name: "Critical path" }).getByText("Reserve van").waitFor();
  });

  test("a wait counts down, where time is not skipped", async () => {
    const clock = await startStepwell(mkdtempSync(join(directory, "clock-")), { readyMs: PATIENCE_MS });
    try {
      await startNap(clock.url);
      const page = await context.newPage();
      await page.goto(`${clock.url}/console/runs/execution:nap:nap`);
      await page.getByRole("region", { name: "Waits for" }).getByRole("timer").waitFor();
      await page.locator('[data-state="Nap"]', { hasText: "left" }).click();
      await page.getByRole("region", { name: "Why" }).getByRole("timer").waitFor();
      await page.close();
    } finally {
      await clock.killHard();
    }
  });

  test("a run becomes a test that passes", async () => {
    const page = await open("/runs/execution:order:order-50");
    await runStatus(page, "Succeeded");
    await page.getByRole("button", { name: "As a test…" }).click();
    const beside = mkdtempSync(join(directory, "as-test-"));
    writeFileSync(join(beside, "order.stepwell.test.json"), (await page.getByLabel("test file").textContent()) ?? "");
    const [download] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("button", { name: "Definition", exact: true }).click(),
    ]);
    await download.saveAs(join(beside, "order.asl.json"));
    const { stdout } = await run(process.execPath, [CLI, "test"], { cwd: beside });
    expect(stdout).toContain("1 passed, 0 failed");
  });

  test("a state machine's settings are changed, and one is deleted when its name is typed", async () => {
    await makeEmpty(server.url, "short-lived");
    const page = await open("/machines/short-lived?tab=settings");
    await page.getByLabel("Key", { exact: true }).fill("team");
    await page.getByLabel("Value", { exact: true }).fill("payments");
    await page.getByRole("button", { name: "Add", exact: true }).click();
    await page.getByRole("button", { name: "Remove the tag team" }).waitFor();
    await page.getByLabel("Role ARN").fill("arn:aws:iam::123456789012:role/another");
    await page.getByRole("button", { name: "Save settings" }).click();
    await page.getByRole("region", { name: "General" }).getByText("the first").waitFor({ state: "detached" });
    expect(await page.getByLabel("Role ARN").inputValue()).toBe("arn:aws:iam::123456789012:role/another");
    await page.getByRole("button", { name: "Delete the state machine…" }).click();
    const remove = page.getByRole("dialog").getByRole("button", { name: "Delete", exact: true });
    expect(await remove.isDisabled()).toBe(true);
    await page.getByLabel("Type short-lived to delete it").fill("short-lived");
    await remove.click();
    await page.waitForURL("**/machines");
    const gone = await open("/machines/short-lived");
    await gone.getByText("State Machine Does Not Exist").waitFor();
    await gone.getByRole("button", { name: "Try again" }).waitFor();
  });

  test("two runs are compared: where they part, and the heat of their machine", async () => {
    const page = await open("/runs?name=order-");
    await page.getByLabel("Choose order-50", { exact: true }).check();
    await page.getByLabel("Choose order-minus").check();
    await page.getByRole("link", { name: "Compare", exact: true }).click();
    await page.getByText(/^only [AB] enters (Prepare|Refuse)/).waitFor();
    await page.keyboard.press("n");
    await page.waitForURL(/at=/);
    await page.goto(`${server.url}/console/machines/order?tab=heat`);
    await page.getByRole("link", { name: /^Refuse in order-minus: failed/ }).click();
    await page.waitForURL(/order-minus\?state=Refuse/);
    await page.getByRole("heading", { name: "Refuse" }).waitFor();
  });

  const PAGES: readonly (readonly [name: string, path: string, ready: string])[] = [
    ["overview", "/", "Failing"],
    ["machines", "/machines", "connect-users"],
    ["machine-runs", "/machines/order", "order-minus"],
    ["machine-definition", "/machines/order?tab=definition&state=Prepare", "11 states"],
    ["machine-versions", "/machines/order?tab=versions", "Aliases"],
    ["machine-heat", "/machines/order?tab=heat&state=Refuse", "Failure rate"],
    ["machine-settings", "/machines/order?tab=settings", "There is no tag."],
    ["runs", "/runs", "order-minus"],
    ["run-graph", "/runs/execution:order:order-50?state=Pack one", "Pack one"],
    ["run-critical", "/runs/execution:order:order-50?critical=1", "Pack one"],
    ["run-outline", "/runs/execution:order:order-50?view=outline&state=Check", "not entered"],
    ["run-timeline", "/runs/execution:order:order-50?tab=timeline", "retry back-off"],
    ["run-events", "/runs/execution:order:order-minus?tab=events&event=4", "linked to event"],
    ["run-events-grouped", "/runs/execution:order:order-50?tab=events&group=1&event=9", "by visit"],
    ["run-data", "/runs/execution:order:order-50?tab=data", "Pack one"],
    ["run-failed", "/runs/execution:order:order-minus", "OrderRefused"],
    ["run-past", "/runs/execution:order:order-50?t=12", "Where the run stood"],
    ["run-member", "/runs/execution:order:order-50?tab=data&key=order", "Last seen"],
    ["run-choice", "/runs/execution:order:order-minus?state=How much?", "did not match"],
    ["compare", "/compare?a=execution:order:order-50&b=execution:order:order-minus", "Ways part first"],
    ["compare-choose", "/compare?a=execution:order:order-50", "Compare order-50 with"],
    ["waiting", "/waiting", "Ask a person"],
    ["activities", "/waiting?tab=activities", "approve"],
    ["editor", "/machines/order/edit", "Valid"],
    ["new", "/new", "Valid"],
    ["test-state", "/machines/order/edit?side=test&state=Check", "Input (JSON)"],
    ["lab", "/lab", "b-7"],
    ["lab-state", "/lab?mode=state&machine=order&state=Check", "Input (JSON)"],
  ];

  /** In both colours: what is on the page is the same, so in the dark only contrasts are looked at again. */
  async function look(page: Page, name: string): Promise<void> {
    await settled(page);
    const found = (await axeFindings(page)).map((finding) => `light: ${finding}`);
    await keepScreenshot(page, `${name}-light`);
    await page.emulateMedia({ colorScheme: "dark" });
    await settled(page);
    found.push(...(await axeFindings(page, "colours")).map((finding) => `dark: ${finding}`));
    await keepScreenshot(page, `${name}-dark`);
    await page.emulateMedia({ colorScheme: "light" });
    expect(found).toEqual([]);
  }

  test.each(PAGES)("axe finds nothing serious on the page: %s", async (name, path, ready) => {
    const page = await open(path);
    await page.getByText(ready).first().waitFor();
    await look(page, name);
  });

  test("axe finds nothing serious on a map run", async () => {
    const page = await open(mapRunPath);
    await page.getByText("Each row").first().waitFor();
    await look(page, "map-run");
  });

  test("axe finds nothing serious in the start dialog and the palette", async () => {
    const page = await open("/machines/order");
    await page.getByRole("button", { name: "Start", exact: true }).click();
    await page.getByRole("dialog").waitFor();
    await look(page, "start");
    await page.keyboard.press("Escape");
    await page.keyboard.press("Control+k");
    await page.locator(".palette-entry").first().waitFor();
    await look(page, "palette");
  });

  test.each([
    ...["/", "/runs", "/runs/execution:order:order-50", "/machines/order/edit", "/lab", "/machines/order?tab=heat"],
    ...["/waiting", "/machines", "/machines/order?tab=settings"],
    "/compare?a=execution:order:order-50&b=execution:order:order-minus",
  ])("a narrow window stacks the panels and scrolls in one direction only: %s", async (path) => {
    const narrow = await newContext(320, 700);
    const page = await open(path, narrow);
    await page.locator("h1").waitFor();
    await settled(page);
    const width = (await page.evaluate("document.documentElement.scrollWidth")) as number;
    expect(width).toBeLessThanOrEqual(321);
    await narrow.close();
  });

  test("with auth on, the console asks for an access key first", async () => {
    const keys = join(directory, "keys.yaml");
    const { stdout } = await run(process.execPath, [CLI, "keys", "add", "--name", "admin", "--file", keys]);
    const [, id = "", secret = ""] = /AWS_ACCESS_KEY_ID=(.+)\nAWS_SECRET_ACCESS_KEY=(.+)\n/.exec(stdout) ?? [];
    const guarded = await startStepwell(mkdtempSync(join(directory, "auth-")), {
      args: ["--auth", keys],
      readyMs: PATIENCE_MS,
    });
    try {
      const page = await context.newPage();
      await page.goto(`${guarded.url}/console/machines`);
      await page.getByLabel("Access key id").fill(id);
      await page.getByLabel("Secret access key").fill("wrong");
      await page.getByRole("button", { name: "Log in" }).click();
      await page.getByRole("alert").waitFor();
      await look(page, "login");
      await page.getByLabel("Secret access key").fill(secret);
      await page.getByRole("button", { name: "Log in" }).click();
      await page.getByText("There is no state machine yet.").waitFor();
      // A mutation carries the session's token.
      await page.getByRole("link", { name: "New state machine" }).click();
      await page.getByRole("button", { name: "Save…" }).click();
      await page.getByLabel("Name").fill("mine");
      await page.getByRole("button", { name: "Create" }).click();
      await page.waitForURL(/machines\/mine/);
      await page.getByRole("button", { name: "Log out" }).click();
      await page.getByLabel("Access key id").waitFor();
      // Before its server goes: a page that asks in vain complains.
      await page.close();
    } finally {
      await guarded.killHard();
    }
  });

  test("the browser had nothing to complain of: no refused style or script, nothing thrown", () => {
    expect(problems).toEqual([]);
  });
});
