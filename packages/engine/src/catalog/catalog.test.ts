import type { Diagnostic } from "@stepwell/core";
import { beforeEach, describe, expect, test } from "vitest";
import { MemoryCatalogStore } from "../testing/memory-catalog-store.ts";
import type { Catalog } from "./catalog.ts";
import { type CatalogOptions, createCatalog } from "./create-catalog.ts";

const ROLE = "arn:aws:iam::123456789012:role/r";
const OTHER_ROLE = "arn:aws:iam::123456789012:role/other";
const ARN = "arn:aws:states:us-east-1:123456789012:stateMachine:orders";

function definition(result: string): string {
  return JSON.stringify({ StartAt: "A", States: { A: { Type: "Pass", Result: result, End: true } } });
}

let now: number;
let running: number;
let deleted: string[];
let store: MemoryCatalogStore;
let catalog: Catalog;

function open(options: Partial<CatalogOptions> = {}): Catalog {
  let serial = 0;
  return createCatalog({
    store,
    clock: { now: () => now, wakeAt: () => () => undefined },
    ids: { seed: () => "0".repeat(32), uuid: () => `uuid-${now}-${++serial}` },
    executions: {
      countRunning: async () => running,
      stateMachineDeleted: async (arn) => {
        deleted.push(arn);
      },
    },
    ...options,
  });
}

beforeEach(() => {
  now = 1_700_000_000_000;
  running = 0;
  deleted = [];
  store = new MemoryCatalogStore();
  catalog = open();
});

function refusal(name: string, message?: string | RegExp): unknown {
  const text =
    message === undefined ? expect.any(String) : typeof message === "string" ? message : expect.stringMatching(message);
  return expect.objectContaining({ name, message: text });
}

const orders = { name: "orders", definition: definition("1"), roleArn: ROLE };

describe("creating a state machine", () => {
  test("it is there with AWS's defaults, without a revision id", async () => {
    expect(await catalog.createStateMachine(orders)).toEqual({ stateMachineArn: ARN, creationDate: now });
    expect(await catalog.describeStateMachine(ARN)).toMatchObject({
      stateMachineArn: ARN,
      name: "orders",
      status: "ACTIVE",
      type: "STANDARD",
      definition: orders.definition,
      roleArn: ROLE,
      creationDate: now,
      loggingConfiguration: { level: "OFF", includeExecutionData: false },
      tracingConfiguration: { enabled: false },
      encryptionConfiguration: { type: "AWS_OWNED_KEY" },
    });
    expect(await catalog.describeStateMachine(ARN)).not.toHaveProperty("revisionId");
  });

  test("the same again answers the first answer, whatever the role and the tags", async () => {
    const first = await catalog.createStateMachine({ ...orders, publish: true, versionDescription: "d" });
    now += 5_000;
    const again = {
      ...orders,
      publish: true,
      versionDescription: "d",
      roleArn: OTHER_ROLE,
      tags: [{ key: "k", value: "v" }],
    };
    expect(await catalog.createStateMachine(again)).toEqual(first);
    expect((await catalog.describeStateMachine(ARN)).roleArn).toBe(ROLE);
    expect(await catalog.tags(ARN)).toEqual([]);
  });

  test.each([
    ["another definition", { definition: definition("2") }],
    ["another format of the same definition", { definition: JSON.stringify(JSON.parse(orders.definition), null, 2) }],
    ["another type", { type: "EXPRESS" }],
    ["publish", { publish: true }],
    ["tracing", { tracingConfiguration: { enabled: true } }],
  ] as const)("%s under the name of another is StateMachineAlreadyExists", async (_what, other) => {
    await catalog.createStateMachine(orders);
    await expect(catalog.createStateMachine({ ...orders, ...other })).rejects.toEqual(
      refusal("StateMachineAlreadyExists", `State Machine Already Exists: '${ARN}'`),
    );
  });

  test("what is wrong is refused in AWS's words", async () => {
    const create = (change: object) => catalog.createStateMachine({ ...orders, ...change });
    await expect(create({ name: "a b" })).rejects.toEqual(refusal("InvalidName", "Invalid Name: 'a b'"));
    await expect(create({ roleArn: "role" })).rejects.toEqual(refusal("InvalidArn", "Invalid Role Arn: 'role'"));
    await expect(create({ versionDescription: "d" })).rejects.toEqual(
      refusal("ValidationException", "Version description can only be set when publish is true"),
    );
    await expect(create({ definition: '{"StartAt":"A"}' })).rejects.toEqual(
      refusal(
        "InvalidDefinition",
        "Invalid State Machine Definition: 'SCHEMA_VALIDATION_FAILED: These fields are required: [States] at /'",
      ),
    );
    await expect(create({ tags: [{ key: "aws:x", value: "" }] })).rejects.toEqual(refusal("ValidationException"));
    expect((await catalog.listStateMachines({ limit: 10 })).items).toEqual([]);
  });

  test("what this installation cannot run is refused, and validation says so", async () => {
    const found: Diagnostic = {
      severity: "ERROR",
      code: "INVALID_RESOURCE",
      message: "No connector",
      location: "/States/A",
    };
    catalog = open({ supports: () => [found, { ...found, severity: "WARNING" }] });
    await expect(catalog.createStateMachine(orders)).rejects.toEqual(
      refusal("InvalidDefinition", "Invalid State Machine Definition: 'INVALID_RESOURCE: No connector at /States/A'"),
    );
    expect(catalog.validateDefinition(orders.definition, "STANDARD")).toHaveLength(2);
  });

  test("the account's quota holds", async () => {
    catalog = open({ quotas: { stateMachines: 1 } });
    await catalog.createStateMachine(orders);
    await expect(catalog.createStateMachine({ ...orders, name: "b" })).rejects.toEqual(
      refusal("StateMachineLimitExceeded"),
    );
    await expect(catalog.createStateMachine(orders)).resolves.toBeDefined();
  });

  test("two at once make one", async () => {
    const answers = await Promise.all([catalog.createStateMachine(orders), catalog.createStateMachine(orders)]);
    expect(answers[0]).toEqual(answers[1]);
  });
});

describe("updating a state machine", () => {
  beforeEach(async () => {
    await catalog.createStateMachine(orders);
    now += 1_000;
  });

  test("every change makes a revision with its own id", async () => {
    const first = await catalog.updateStateMachine({ stateMachineArn: ARN, definition: definition("2") });
    expect(first).toEqual({ updateDate: now, revisionId: expect.any(String) });
    const second = await catalog.updateStateMachine({ stateMachineArn: ARN, roleArn: OTHER_ROLE });
    expect(second.revisionId).not.toBe(first.revisionId);
    expect(await catalog.describeStateMachine(ARN)).toMatchObject({
      definition: definition("2"),
      roleArn: OTHER_ROLE,
      revisionId: second.revisionId,
      creationDate: now - 1_000,
    });
    const third = await catalog.updateStateMachine({ stateMachineArn: ARN, tracingConfiguration: { enabled: true } });
    expect(third.revisionId).not.toBe(second.revisionId);
  });

  test("no change makes no revision, and publishing it again answers the version there is", async () => {
    const same = { stateMachineArn: ARN, definition: orders.definition, publish: true };
    const versionArn = `${ARN}:1`;
    expect(await catalog.updateStateMachine(same)).toEqual({ updateDate: now, stateMachineVersionArn: versionArn });
    expect(await catalog.updateStateMachine(same)).toEqual({ updateDate: now, stateMachineVersionArn: versionArn });
  });

  test("a definition may be kept beside the current one, once, and no name leads to it", async () => {
    const key = await catalog.keepRevision(ARN, definition("kept"));
    expect(await catalog.keepRevision(ARN, definition("kept"))).toBe(key);
    expect((await catalog.describeRevision(key)).definition).toBe(definition("kept"));
    expect((await catalog.describeRevision(key)).revisionId).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
    const current = await catalog.describeStateMachine(ARN);
    expect(current.definition).not.toBe(definition("kept"));
    expect(await catalog.keepRevision(ARN, current.definition)).toBe((await catalog.resolve(ARN, 0)).revisionKey);
    await expect(catalog.keepRevision(ARN, "{}")).rejects.toEqual(refusal("InvalidDefinition"));
    await expect(catalog.keepRevision(`${ARN}x`, definition("1"))).rejects.toEqual(refusal("StateMachineDoesNotExist"));
  });

  test("running executions keep the revision they were started with, also after the deletion", async () => {
    const started = await catalog.resolve(ARN, 0);
    await catalog.updateStateMachine({ stateMachineArn: ARN, definition: definition("2"), roleArn: OTHER_ROLE });
    expect((await catalog.resolve(ARN, 0)).revisionKey).not.toBe(started.revisionKey);
    await catalog.deleteStateMachine(ARN);
    catalog = open();
    expect(await catalog.machineOfRevision(started.revisionKey)).toMatchObject({ roleArn: ROLE, name: "orders" });
    expect((await catalog.describeRevision(started.revisionKey)).definition).toBe(orders.definition);
  });

  test("what is wrong is refused in AWS's words", async () => {
    const update = (change: object) => catalog.updateStateMachine({ stateMachineArn: ARN, ...change });
    await expect(update({})).rejects.toEqual(
      refusal(
        "MissingRequiredParameter",
        "Either the definition, the role ARN, the LoggingConfiguration, or the TracingConfiguration must be specified",
      ),
    );
    await expect(update({ definition: "" })).rejects.toEqual(refusal("InvalidDefinition"));
    await expect(update({ roleArn: OTHER_ROLE, versionDescription: "d" })).rejects.toEqual(
      refusal("ValidationException"),
    );
    for (const stateMachineArn of [`${ARN}:1`, `${ARN}:live`, `${ARN}x`]) {
      await expect(update({ stateMachineArn, roleArn: OTHER_ROLE })).rejects.toEqual(
        refusal("StateMachineDoesNotExist", `State Machine Does Not Exist: '${stateMachineArn}'`),
      );
    }
  });
});

describe("versions", () => {
  test("numbers count up, newest first, and are not used again", async () => {
    await catalog.createStateMachine({ ...orders, publish: true, versionDescription: "first" });
    for (const result of ["2", "3"]) {
      now += 1_000;
      await catalog.updateStateMachine({ stateMachineArn: ARN, definition: definition(result), publish: true });
    }
    const all = await catalog.listVersions(ARN, { limit: 2 });
    expect(all.items.map((version) => version.stateMachineVersionArn)).toEqual([`${ARN}:3`, `${ARN}:2`]);
    const rest = await catalog.listVersions(ARN, { limit: 2, cursor: all.cursor ?? "" });
    expect(rest).toEqual({ items: [{ stateMachineVersionArn: `${ARN}:1`, creationDate: now - 2_000 }] });
    await catalog.deleteVersion(`${ARN}:3`);
    await catalog.deleteVersion(`${ARN}:3`);
    expect(await catalog.publishVersion({ stateMachineArn: ARN })).toEqual({
      stateMachineVersionArn: `${ARN}:4`,
      creationDate: now,
    });
    expect(await catalog.describeStateMachine(`${ARN}:1`)).toMatchObject({
      stateMachineArn: `${ARN}:1`,
      description: "first",
      definition: orders.definition,
      creationDate: now - 2_000,
    });
    await expect(catalog.describeStateMachine(`${ARN}:3`)).rejects.toEqual(refusal("StateMachineDoesNotExist"));
  });

  test("publishing is idempotent for a revision and can be bound to one", async () => {
    await catalog.createStateMachine(orders);
    const first = await catalog.publishVersion({ stateMachineArn: ARN, revisionId: "INITIAL", description: "d" });
    now += 1;
    expect(await catalog.publishVersion({ stateMachineArn: ARN })).toEqual(first);
    const { revisionId = "" } = await catalog.updateStateMachine({ stateMachineArn: ARN, roleArn: OTHER_ROLE });
    await expect(catalog.publishVersion({ stateMachineArn: ARN, revisionId: "INITIAL" })).rejects.toEqual(
      refusal(
        "ConflictException",
        `Failed to publish the State Machine version for revision INITIAL. The current State Machine revision is ${revisionId}.`,
      ),
    );
    expect((await catalog.publishVersion({ stateMachineArn: ARN, revisionId })).stateMachineVersionArn).toBe(
      `${ARN}:2`,
    );
  });

  test("an unknown state machine cannot be published and has no versions", async () => {
    await expect(catalog.publishVersion({ stateMachineArn: ARN })).rejects.toEqual(refusal("StateMachineDoesNotExist"));
    expect(await catalog.listVersions(ARN, { limit: 5 })).toEqual({ items: [] });
    await expect(catalog.deleteVersion(`${ARN}:1`)).resolves.toBeUndefined();
  });

  test("the quota holds", async () => {
    catalog = open({ quotas: { versionsPerStateMachine: 1 } });
    await catalog.createStateMachine({ ...orders, publish: true });
    await catalog.updateStateMachine({ stateMachineArn: ARN, roleArn: OTHER_ROLE });
    await expect(catalog.publishVersion({ stateMachineArn: ARN })).rejects.toEqual(
      refusal("ServiceQuotaExceededException"),
    );
  });
});

describe("aliases", () => {
  const aliasArn = `${ARN}:live`;
  const toFirst = [{ stateMachineVersionArn: `${ARN}:1`, weight: 100 }];

  beforeEach(async () => {
    await catalog.createStateMachine({ ...orders, publish: true });
    await catalog.updateStateMachine({ stateMachineArn: ARN, definition: definition("2"), publish: true });
  });

  test("an alias is created once, described, changed and deleted", async () => {
    const request = { name: "live", description: "d", routingConfiguration: toFirst };
    const created = { stateMachineAliasArn: aliasArn, creationDate: now };
    expect(await catalog.createAlias(request)).toEqual(created);
    now += 1_000;
    expect(await catalog.createAlias(request)).toEqual(created);
    await expect(catalog.createAlias({ ...request, description: "other" })).rejects.toEqual(
      refusal("ConflictException"),
    );
    expect(await catalog.updateAlias({ stateMachineAliasArn: aliasArn, description: "e" })).toEqual({
      updateDate: now,
    });
    const routingConfiguration = [
      { stateMachineVersionArn: `${ARN}:1`, weight: 50 },
      { stateMachineVersionArn: `${ARN}:2`, weight: 50 },
    ];
    await catalog.updateAlias({ stateMachineAliasArn: aliasArn, routingConfiguration });
    expect(await catalog.describeAlias(aliasArn)).toEqual({
      stateMachineAliasArn: aliasArn,
      name: "live",
      description: "e",
      routingConfiguration,
      creationDate: now - 1_000,
      updateDate: now,
    });
    await catalog.deleteAlias(aliasArn);
    for (const work of [
      catalog.describeAlias(aliasArn),
      catalog.deleteAlias(aliasArn),
      catalog.updateAlias({ stateMachineAliasArn: aliasArn, description: "x" }),
    ]) {
      await expect(work).rejects.toEqual(
        refusal("ResourceNotFound", "Request references a resource that does not exist."),
      );
    }
  });

  test.each([
    [
      "weights that do not add up",
      [
        [1, 70],
        [2, 29],
      ],
      "Sum of routing configuration weights must equal 100. Received: [70, 29]",
    ],
    [
      "the same version twice",
      [
        [1, 50],
        [1, 50],
      ],
      `Routing configuration must contain distinct state machine version ARNs. Received: [${ARN}:1, ${ARN}:1]`,
    ],
  ] as const)("%s is refused", async (_what, routes, message) => {
    const routingConfiguration = routes.map(([version, weight]) => ({
      stateMachineVersionArn: `${ARN}:${version}`,
      weight,
    }));
    await expect(catalog.createAlias({ name: "live", routingConfiguration })).rejects.toEqual(
      refusal("ValidationException", message),
    );
  });

  test("routes must name versions that exist", async () => {
    const route = (stateMachineVersionArn: string) =>
      catalog.createAlias({ name: "live", routingConfiguration: [{ stateMachineVersionArn, weight: 100 }] });
    await expect(route(ARN)).rejects.toEqual(
      refusal(
        "ValidationException",
        `Routing configuration must contain state machine version ARNs. Received: [${ARN}]`,
      ),
    );
    await expect(route(`${ARN}:9`)).rejects.toEqual(refusal("ResourceNotFound"));
    await expect(route("x")).rejects.toEqual(refusal("InvalidArn", "Invalid Arn: 'Invalid ARN prefix: x'"));
  });

  test("an update names what to change", async () => {
    await catalog.createAlias({ name: "live", routingConfiguration: toFirst });
    await expect(catalog.updateAlias({ stateMachineAliasArn: aliasArn })).rejects.toEqual(
      expect.objectContaining({ name: "ValidationException", details: { reason: "MISSING_REQUIRED_PARAMETER" } }),
    );
  });

  test("a version in use cannot be deleted", async () => {
    await catalog.createAlias({ name: "live", routingConfiguration: toFirst });
    await expect(catalog.deleteVersion(`${ARN}:1`)).rejects.toEqual(
      refusal(
        "ConflictException",
        "Version to be deleted must not be referenced by an alias. Current list of aliases referencing this version: [live]",
      ),
    );
    await catalog.deleteVersion(`${ARN}:2`);
  });

  test("they are listed newest first, by version too, page by page", async () => {
    for (const name of ["a", "b", "c"]) {
      now += 1;
      await catalog.createAlias({ name, routingConfiguration: toFirst });
    }
    const first = await catalog.listAliases(ARN, { limit: 2 });
    expect(first.items.map((alias) => alias.stateMachineAliasArn)).toEqual([`${ARN}:c`, `${ARN}:b`]);
    await catalog.deleteAlias(`${ARN}:b`);
    const rest = await catalog.listAliases(ARN, { limit: 2, cursor: first.cursor ?? "" });
    expect(rest.items.map((alias) => alias.stateMachineAliasArn)).toEqual([`${ARN}:a`]);
    expect(rest.cursor).toBeUndefined();
    expect((await catalog.listAliases(`${ARN}:2`, { limit: 9 })).items).toEqual([]);
    expect((await catalog.listAliases(`${ARN}:1`, { limit: 9 })).items).toHaveLength(2);
  });

  test("starting through an alias picks a version by weight and tells both names", async () => {
    const routingConfiguration = [
      { stateMachineVersionArn: `${ARN}:1`, weight: 10 },
      { stateMachineVersionArn: `${ARN}:2`, weight: 90 },
    ];
    await catalog.createAlias({ name: "live", routingConfiguration });
    const versionFor = async (chance: number) => (await catalog.resolve(aliasArn, chance)).stateMachineVersionArn;
    expect(await versionFor(0)).toBe(`${ARN}:1`);
    expect(await versionFor(0.0999)).toBe(`${ARN}:1`);
    expect(await versionFor(0.1)).toBe(`${ARN}:2`);
    expect(await versionFor(0.9999)).toBe(`${ARN}:2`);
    expect((await catalog.resolve(aliasArn, 0)).stateMachineAliasArn).toBe(aliasArn);
    expect(await catalog.resolve(`${ARN}:1`, 0)).not.toHaveProperty("stateMachineAliasArn");
    expect(await catalog.resolve(ARN, 0)).not.toHaveProperty("stateMachineVersionArn");
    await expect(catalog.resolve(`${ARN}:none`, 0)).rejects.toEqual(
      refusal("StateMachineDoesNotExist", `State Machine Does Not Exist: '${ARN}:none'`),
    );
  });

  test("a route of weight 0 is never taken", async () => {
    const routingConfiguration = [
      { stateMachineVersionArn: `${ARN}:1`, weight: 0 },
      { stateMachineVersionArn: `${ARN}:2`, weight: 100 },
    ];
    await catalog.createAlias({ name: "live", routingConfiguration });
    expect((await catalog.resolve(aliasArn, 0)).stateMachineVersionArn).toBe(`${ARN}:2`);
  });
});

describe("deleting a state machine", () => {
  beforeEach(async () => {
    await catalog.createStateMachine({ ...orders, publish: true });
    await catalog.createAlias({
      name: "live",
      routingConfiguration: [{ stateMachineVersionArn: `${ARN}:1`, weight: 100 }],
    });
  });

  test("without executions it is gone at once, with versions and aliases", async () => {
    await catalog.deleteStateMachine(ARN);
    await catalog.deleteStateMachine(ARN);
    await expect(catalog.describeStateMachine(ARN)).rejects.toEqual(
      refusal("StateMachineDoesNotExist", `State Machine Does Not Exist: '${ARN}'`),
    );
    await catalog.createStateMachine(orders);
    expect(await catalog.listVersions(ARN, { limit: 5 })).toEqual({ items: [] });
    expect((await catalog.listAliases(ARN, { limit: 5 })).items).toEqual([]);
  });

  test("while executions run it is DELETING, starts nothing, and goes with the last of them", async () => {
    running = 2;
    await catalog.deleteStateMachine(ARN);
    expect(deleted).toEqual([ARN]);
    expect((await catalog.describeStateMachine(ARN)).status).toBe("DELETING");
    for (const work of [
      catalog.resolve(ARN, 0),
      catalog.createStateMachine({ ...orders, publish: true }),
      catalog.updateStateMachine({ stateMachineArn: ARN, roleArn: OTHER_ROLE }),
      catalog.publishVersion({ stateMachineArn: ARN }),
      catalog.updateAlias({ stateMachineAliasArn: `${ARN}:live`, description: "x" }),
    ]) {
      await expect(work).rejects.toEqual(refusal("StateMachineDeleting"));
    }
    running = 0;
    expect((await catalog.listStateMachines({ limit: 5 })).items).toEqual([]);
    await expect(catalog.createStateMachine(orders)).resolves.toMatchObject({ stateMachineArn: ARN });
  });

  test("an Express state machine does not wait for its executions", async () => {
    running = 1;
    const { stateMachineArn } = await catalog.createStateMachine({ ...orders, name: "express", type: "EXPRESS" });
    await catalog.deleteStateMachine(stateMachineArn);
    await expect(catalog.describeStateMachine(stateMachineArn)).rejects.toEqual(refusal("StateMachineDoesNotExist"));
  });
});

describe("tags", () => {
  test("they are set on creation, added, replaced and removed", async () => {
    await catalog.createStateMachine({ ...orders, tags: [{ key: "a", value: "1" }] });
    await catalog.tag(ARN, [{ key: "b" }, { key: "a", value: "2" }, { key: "b", value: "" }]);
    expect(await catalog.tags(ARN)).toEqual([
      { key: "a", value: "2" },
      { key: "b", value: "" },
    ]);
    await catalog.untag(ARN, ["a", "a", "none"]);
    expect(await catalog.tags(ARN)).toEqual([{ key: "b", value: "" }]);
    await catalog.tag(ARN, []);
  });

  test("a resource has at most 50, and must exist", async () => {
    const { activityArn } = await catalog.createActivity({ name: "work" });
    const tags = Array.from({ length: 50 }, (_, index) => ({ key: `k${index}`, value: "v" }));
    await catalog.tag(activityArn, tags);
    await expect(catalog.tag(activityArn, [{ key: "one more", value: "" }])).rejects.toEqual(
      expect.objectContaining({ name: "TooManyTags", details: { resourceName: activityArn } }),
    );
    expect(await catalog.tags(activityArn)).toHaveLength(50);
    await expect(catalog.tags(ARN)).rejects.toEqual(refusal("ResourceNotFound", `Resource not found: '${ARN}'`));
  });

  test.each([["emoji 😀"], ["<b>"], ["semi;colon"]])("a key like %s is refused", async (key) => {
    await catalog.createStateMachine(orders);
    await expect(catalog.tag(ARN, [{ key, value: "" }])).rejects.toEqual(refusal("ValidationException"));
  });
});

describe("activities", () => {
  const activityArn = "arn:aws:states:us-east-1:123456789012:activity:work";

  test("an activity is created once, described, listed and deleted", async () => {
    expect(await catalog.createActivity({ name: "work" })).toEqual({ activityArn, creationDate: now });
    now += 5;
    expect(await catalog.createActivity({ name: "work", tags: [{ key: "k", value: "v" }] })).toEqual({
      activityArn,
      creationDate: now - 5,
    });
    expect(await catalog.describeActivity(activityArn)).toEqual({
      activityArn,
      name: "work",
      creationDate: now - 5,
      encryptionConfiguration: { type: "AWS_OWNED_KEY" },
    });
    expect(await catalog.hasActivity(activityArn)).toBe(true);
    await catalog.deleteActivity(activityArn);
    await catalog.deleteActivity(activityArn);
    expect(await catalog.hasActivity(activityArn)).toBe(false);
    await expect(catalog.describeActivity(activityArn)).rejects.toEqual(
      refusal("ActivityDoesNotExist", `Activity Does Not Exist: '${activityArn}'`),
    );
  });

  test("its encryption cannot be changed by creating it again", async () => {
    await catalog.createActivity({ name: "work" });
    const encryptionConfiguration = { type: "CUSTOMER_MANAGED_KMS_KEY", kmsKeyId: "k" } as const;
    await expect(catalog.createActivity({ name: "work", encryptionConfiguration })).rejects.toEqual(
      refusal("ActivityAlreadyExists"),
    );
  });

  test("lists come by name, page by page", async () => {
    for (const name of ["b", "c", "a"]) await catalog.createActivity({ name });
    const first = await catalog.listActivities({ limit: 2 });
    expect(first.items.map((activity) => activity.name)).toEqual(["a", "b"]);
    const rest = await catalog.listActivities({ limit: 2, cursor: first.cursor ?? "" });
    expect(rest.items.map((activity) => activity.name)).toEqual(["c"]);
    expect(rest.cursor).toBeUndefined();
  });
});
