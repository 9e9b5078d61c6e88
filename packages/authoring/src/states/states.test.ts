import { describe, expect, it } from "vitest";
import { Stack } from "../construct.ts";
import { Duration } from "../duration.ts";
import { JsonPath } from "../fields/json-path.ts";
import { DefinitionBody } from "../machine/definition-body.ts";
import { StateMachine, type StateMachineProps } from "../machine/state-machine.ts";
import type { Misuse } from "../misuse.ts";
import { Role, ServicePrincipal } from "../resources/iam.ts";
import { Chain, Parallel } from "./chain.ts";
import type { IChainable } from "./chainable.ts";
import { Choice } from "./choice.ts";
import { Condition } from "./condition.ts";
import { DistributedMap } from "./distributed-map.ts";
import { Fail } from "./fail.ts";
import { Map as MapState } from "./map.ts";
import { Pass } from "./pass.ts";
import { QueryLanguage } from "./query-language.ts";
import { Succeed } from "./succeed.ts";

type States = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

function machine(stack: Stack, chainable: IChainable, props: StateMachineProps = {}): StateMachine {
  return new StateMachine(stack, "SM", { ...props, definitionBody: DefinitionBody.fromChainable(chainable) });
}
const statesOf = (stack: Stack, chainable: IChainable): States =>
  machine(stack, chainable).definition["States"] as States;

describe("a chain", () => {
  it("cannot go on after a state that ends", () => {
    const stack = new Stack();
    const chain = Chain.start(new Pass(stack, "A")).next(new Fail(stack, "B"));
    expect(() => chain.next(new Pass(stack, "C"))).toThrow("last state in chain (B) does not allow it");
  });

  it("becomes one state", () => {
    const stack = new Stack();
    const chain = new Pass(stack, "A").next(new Pass(stack, "B"));
    expect(statesOf(stack, chain.toSingleState("Both"))["Both"]).toMatchObject({ Type: "Parallel", End: true });
  });
});

describe("a choice", () => {
  it("goes on from a default that is still missing", () => {
    const stack = new Stack();
    const choice = new Choice(stack, "C").when(Condition.isPresent("$.a"), new Pass(stack, "A"));
    const chain = choice.afterwards({ includeOtherwise: true }).next(new Succeed(stack, "End"));
    expect(statesOf(stack, chain)).toMatchObject({ C: { Default: "End" }, A: { Next: "End" } });
    expect(() => choice.afterwards({ includeOtherwise: true })).toThrow("already has an 'otherwise'");
  });

  it("goes on from handlers of errors only when asked", () => {
    const stack = new Stack();
    const parallel = new Parallel(stack, "P").branch(new Pass(stack, "In")).addCatch(new Pass(stack, "Handler"));
    const choice = new Choice(stack, "C").when(Condition.isPresent("$.a"), parallel);
    expect(choice.afterwards().endStates).toEqual([parallel]);
    expect(choice.afterwards({ includeErrorHandlers: true }).endStates).toHaveLength(1);
  });
});

describe("what is wrong is told at once, with its construct", () => {
  it("over a whole machine", () => {
    const stack = new Stack();
    const shared = new Pass(stack, "Shared");
    const parallel = new Parallel(stack, "P")
      .branch(shared)
      .branch(new Pass(stack, "Other", { stateName: "Map" }).next(shared));
    const found = machine(stack, parallel.next(new MapState(stack, "Map", { maxConcurrency: 1.5 }))).diagnostics();
    expect(found.map(({ path }) => path)).toEqual(["Default/Shared", "Default/Map", "Default/Map", "Default/Map"]);
    expect(found.map(({ message }) => message).join("\n")).toMatch(
      /more than one graph[\s\S]*positive integer[\s\S]*non-empty[\s\S]*occurs twice/,
    );
  });

  it("also where AWS finds it", () => {
    const stack = new Stack("Stack");
    const map = new MapState(stack, "Each").itemProcessor(new Pass(stack, "Inner", { stateName: "N".repeat(81) }));
    const [finding] = machine(stack, map).diagnostics();
    expect(finding).toMatchObject({ path: "Stack/Inner", code: "INVALID_STATE_NAME", severity: "ERROR" });
  });

  it("as an error of the definition", () => {
    const stack = new Stack();
    const broken = machine(stack, new DistributedMap(stack, "D", { label: "a b" }));
    try {
      expect(broken.definition).toBe("never");
    } catch (error) {
      expect((error as Misuse).diagnostics.map(({ message }) => message)).toEqual([
        "DistributedMap must have an item processor",
        "label cannot contain any whitespace or special characters",
      ]);
    }
  });

  it("warnings do not stop a machine", () => {
    const stack = new Stack();
    const map = new DistributedMap(stack, "D", { mapExecutionType: "EXPRESS" });
    map.itemProcessor(new Pass(stack, "P"), { executionType: "STANDARD" });
    const sm = machine(stack, map);
    expect(sm.diagnostics()).toMatchObject([{ severity: "WARNING", path: "Default/D" }]);
    expect(sm.definition).toMatchObject({ StartAt: "D" });
  });
});

it("gives rights on a machine that is elsewhere", () => {
  const stack = new Stack();
  const role = new Role(stack, "Caller", { assumedBy: new ServicePrincipal("lambda.amazonaws.com") });
  StateMachine.fromStateMachineName(stack, "Other", "Orders").grantStartExecution(role);
  const far = StateMachine.fromStateMachineArn(stack, "Far", "arn:aws:states:eu-west-1:210987654321:stateMachine:Far");
  far.grants.execution(role, "states:StopExecution");
  expect(role.statements.map(({ actions, resources }) => [...actions, ...resources])).toEqual([
    ["states:StartExecution", "arn:aws:states:us-east-1:123456789012:stateMachine:Orders"],
    ["states:StopExecution", "arn:aws:states:eu-west-1:210987654321:execution:Far:*"],
  ]);
});

describe("a query language", () => {
  it("of a state is not that of a JSONata machine", () => {
    const stack = new Stack();
    const pass = new Pass(stack, "A", { queryLanguage: QueryLanguage.JSON_PATH });
    expect(() => machine(stack, pass, { queryLanguage: "JSONata" }).definition).toThrow(
      "[Default/A] 'queryLanguage' can not be",
    );
  });

  it("of a machine is written once", () => {
    const stack = new Stack();
    const definition = machine(stack, Pass.jsonata(stack, "A", { outputs: 1 }), {
      queryLanguage: "JSONata",
    }).definition;
    expect(definition).toEqual({
      StartAt: "A",
      States: { A: { Type: "Pass", Output: 1, End: true } },
      QueryLanguage: "JSONata",
    });
  });
});

it("a construct's id is its own in its scope", () => {
  const stack = new Stack();
  new Pass(stack, "A");
  expect(() => new Pass(stack, "A")).toThrow("There is already a Construct with name 'A'");
});

describe("a duration", () => {
  it.each([
    [Duration.minutes(2), 120],
    [Duration.parse("P1DT2H3M4S"), 93_784],
    [Duration.parse("PT5S"), 5],
  ])("%#: is whole seconds", (duration, seconds) => {
    expect(duration.toSeconds()).toBe(seconds);
  });

  it("is never rounded without being asked, nor negative", () => {
    expect(() => Duration.millis(1_500).toSeconds()).toThrow("whole number of seconds");
    expect(Duration.millis(1_500).toSeconds({ integral: false })).toBe(1.5);
    expect(() => Duration.seconds(-1)).toThrow("negative");
    expect(() => Duration.parse("1 hour")).toThrow("ISO");
  });
});

it("substitutions reach a definition made of states", () => {
  const stack = new Stack();
  const name = ["$", "{Name}"].join("");
  const pass = new Pass(stack, "A", { parameters: { greeting: `Hello ${name}` } });
  expect(machine(stack, pass, { definitionSubstitutions: { Name: "you" } }).definition).toMatchObject({
    States: { A: { Parameters: { greeting: "Hello you" } } },
  });
  const other = new Stack();
  const broken = machine(other, new Pass(other, "A", { comment: name }), { definitionSubstitutions: { Name: '"' } });
  expect(() => broken.definition).toThrow("make the definition no JSON");
});

it("has no slash in an id, as with the CDK: a path is made of ids", () => {
  const stack = new Stack();
  expect(new Pass(stack, "A/B").stateId).toBe("A--B");
  expect(() => new Pass(stack, "A--B")).toThrow("already");
});

it("writes null for DISCARD, wherever it stands", () => {
  const stack = new Stack();
  const pass = new Pass(stack, "P", { resultPath: JsonPath.DISCARD, parameters: { a: { b: JsonPath.DISCARD } } });
  expect(statesOf(stack, pass)).toMatchObject({ P: { ResultPath: null, Parameters: { a: { b: null } } } });
});
