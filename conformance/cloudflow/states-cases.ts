/** Flows of the new language with what they must give (cloudflow.md 6), told by hand from the specification. */
import type { FlowCase } from "./steps-cases.ts";

const flow = (states: string, start = "A", rest = ""): string =>
  `Type: StateMachine\nSpecVersion: v1\nName: x\n${rest}StartAt: ${start}\nStates:\n${states}`;
const IN = {
  n: 2,
  s: "b",
  list: ["a", "b"],
  map: { k: { v: 5 } },
  t: true,
  f: false,
  empty: "",
  uni: "é",
  nums: [1, 2, 3],
  deep: { list: [{ v: 1 }, { v: 2 }] },
  "odd key": 1,
  "hy-phen": { "x-y": 3 },
};
const call = (e: string, out: unknown, i: number): FlowCase => ({
  name: `expression_${i}`,
  about: e,
  flow: flow(`  - Type: Pass
    Name: A
    OutputConstructor:
      r.$: ${JSON.stringify(e)}
    End: true
`),
  input: IN,
  output: { r: out },
});
const EXPRESSIONS: readonly (readonly [string, unknown])[] = [
  ['format("hello {}","world")', "hello world"],
  ['format("{}-{}", $Input.n, $Input.list)', '2-["a","b"]'],
  ['format("{} {}", "x")', "x {}"],
  ['format("none")', "none"],
  ['format("{}{}", true, $Input.map)', 'true{"k":{"v":5}}'],
  ["length([1,2,3])", 3],
  ["length($Input.s)", 1],
  ["length($Input.map)", 1],
  ['length("héé")', 3],
  ["length([])", 0],
  ['split("a,b,c", ",")', ["a", "b", "c"]],
  ["split('a b', ' ')", ["a", "b"]],
  ['split("a", ",")', ["a"]],
  ['regexMatchString("^a+$", "aaa")', true],
  ['regexMatchString("^a+$", "b")', false],
  ['regexMatchString(`\\d+`, "a1")', true],
  ['arrayContains(["Tom",10],10)', true],
  ['arrayContains($Input.list, "z")', false],
  ['arrayContains([{"a":1}], {"a":1})', true],
  ["arrayUnique([1,2,3,1])", [1, 2, 3]],
  ['arrayUnique(["a","a"])', ["a"]],
  ['toArray(1,"a",true,$Input.n)', [1, "a", true, 2]],
  ["toArray()", []],
  ["mapKeys($Input.map)", ["k"]],
  ['mapKeys({"a":1,"b":2})', ["a", "b"]],
  ["mapValues($Input.map)", [{ v: 5 }]],
  ['mapValues({"a":1,"b":[2]})', [1, [2]]],
  [
    'jsonMerge({"name":"Tom","age":10},{"name":"Tom","address":"beijing"})',
    { name: "Tom", age: 10, address: "beijing" },
  ],
  ['jsonMerge($Input.map, {"k":1})', { k: 1 }],
  ['stringToJson("{\\"a\\":[1]}")', { a: [1] }],
  ["stringToJson('[1]')", [1]],
  ['fromJSON(`{"a":1}`)', { a: 1 }],
  ["jsonToString($Input.map)", '{"k":{"v":5}}'],
  ['toJSON([1,"a"])', '[1,"a"]'],
  ['jsonToString("a")', '"a"'],
  ['fromBase64("Rm5G")', "FnF"],
  ['toBase64("FnF")', "Rm5G"],
  ['toBase64("é")', "w6k="],
  ['fromBase64(toBase64("中文"))', "中文"],
  ['hash("abc","MD5")', "900150983cd24fb0d6963f7d28e17f72"],
  ['hash("abc","SHA-1")', "a9993e364706816aba3e25717850c26c9cd0d89d"],
  ['hash("abc","SHA-256")', "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"],
  ['length(hash("abc","SHA-512"))', 128],
  ["length(uuid())", 36],
  ["get([1,2],1)", 2],
  ['get($Input.map, "k")', { v: 5 }],
  ["get($Input.list, 0)", "a"],
  ["intAdd(1,2)", 3],
  ["intAdd($Input.n, -5)", -3],
  ["randomInt(5,5)", 5],
  ["randomInt(1,10) >= 1 && randomInt(1,10) <= 10", true],
  ["$Input.n", 2],
  ["$Input.list[1]", "b"],
  ["$Input.deep.list[*].v", [1, 2]],
  ['$Input["odd key"]', 1],
  ["$Input", IN],
  ["$Input.missing", null],
  ["$Input.missing.deep", null],
  ["$Input.n > 1", true],
  ['$Input.n > 1 && "a" in $Input.list', true],
  ['"literal"', "literal"],
  ["5", 5],
  ["true", true],
  ["[1,$Input.n]", [1, 2]],
  ['{"a":$Input.n,"b":[1]}', { a: 2, b: [1] }],
  ["{}", {}],
  ["[]", []],
  ['length(split(format("{}-{}", "a", "b"), "-"))', 2],
  [
    'format("{}", format("{}", format("{}", format("{}", format("{}", format("{}", format("{}", format("{}", format("{}", format("{}", "x"))))))))))',
    "x",
  ],
  ["$Context.Execution.Input.n", 2],
  ["$Context.Current.Name", "A"],
  ["$Context.Current.Input.n", 2],
  ["$Context.Current.Output.n", 2],
  ["$Output.n", 2],
  ["$Global", {}],
  ["$Global.x", null],
  ["$Context.Current.RetryCount", 0],
  ['get(jsonMerge({"a":1},{"b":2}), "b")', 2],
  ['arrayContains(split("a,b",","), $Input.s)', true],
  ['format("a\\"b{}", 1)', 'a"b1'],
  ["format('it{}', \"'\")", "it'"],
  ["intAdd(length($Input.list), length($Input.nums))", 5],
  ["$Input.list[-1]", "b"],
  ["length($Input.deep.list[*].v)", 2],
  ["$Input.hy-phen.x-y", 3],
  ["$Input.n-1", 1],
  ["$Input.n-length($Input.list)", 0],
  ["!$Input.t", false],
  ['$Input.t ? "y" : "n"', "y"],
  ["$Input.uni", "é"],
  ['$Input.uni == "é"', true],
  ["$Input.n == 2.0", true],
];
export const STATES_CASES: readonly FlowCase[] = [
  ...EXPRESSIONS.map(([e, out], i) => call(e, out, i)),
  { name: "n_pass", flow: flow(`  - {Type: Pass, Name: A, End: true}\n`), input: { x: 1 }, output: { x: 1 } },
  {
    name: "n_ctor_depth",
    flow: flow(`  - Type: Pass
    Name: A
    InputConstructor:
      a.$: $Input.x
      lit: $Input.x
      deep:
        l:
          - v.$: $Input.x
          - plain
          - - w.$: length($Input.arr)
        n: null
        t: true
    OutputConstructor:
      i.$: $Input
      o.$: $Output.deep.l[0].v
      raw.$: $Context.Execution.Input.x
      arr.$: [$Input.a, plain, {k: $Input.lit}]
      map.$:
        q: $Input.a
        r.$: length($Input.deep.l)
        lit: x
    End: true
`),
    input: { x: 1, arr: [1, 2] },
    output: {
      i: { a: 1, lit: "$Input.x", deep: { l: [{ v: 1 }, "plain", [{ w: 2 }]], n: null, t: true } },
      o: 1,
      raw: 1,
      arr: [1, "plain", { k: "$Input.x" }],
      map: { q: 1, r: 3, lit: "x" },
    },
  },
  {
    name: "n_empty_ctor",
    flow: flow(`  - {Type: Pass, Name: A, OutputConstructor: {}, End: true}\n`),
    input: { x: 1 },
    output: {},
  },
  {
    name: "n_global",
    flow: flow(`  - Type: Pass
    Name: A
    OutputConstructor: {g0.$: $Global.a, x.$: $Input.x}
    GlobalConstructor: {a.$: $Output.x, b: lit, m: {k.$: $Input.x}}
    Next: B
  - Type: Pass
    Name: B
    OutputConstructor: {g0.$: $Input.g0, a.$: $Global.a, b.$: $Global.b, all.$: $Global}
    GlobalConstructor: {b: changed, c.$: $Global.a}
    Next: C
  - Type: Succeed
    Name: C
    OutputConstructor: {before.$: $Input, after.$: $Global}
`),
    input: { x: 5 },
    output: {
      before: { g0: null, a: 5, b: "lit", all: { a: 5, b: "lit", m: { k: 5 } } },
      after: { a: 5, b: "changed", m: { k: 5 }, c: 5 },
    },
  },
  {
    name: "n_global_branches",
    flow: flow(`  - Type: Parallel
    Name: A
    Branches:
      - {StartAt: P, States: [{Type: Pass, Name: P, GlobalConstructor: {one: 1}, End: true}]}
      - {StartAt: W, States: [{Type: Wait, Name: W, Seconds: 1, Next: Q}, {Type: Pass, Name: Q, OutputConstructor: {saw.$: $Global.one}, GlobalConstructor: {two: 2}, End: true}]}
    OutputConstructor: {b.$: $Output.Branch1.saw, g.$: $Global}
    GlobalConstructor: {three.$: $Output.Branch1.saw}
    Next: Z
  - {Type: Succeed, Name: Z, OutputConstructor: {i.$: $Input, g.$: $Global}}
`),
    input: {},
    output: { i: { b: 1, g: { one: 1, two: 2 } }, g: { one: 1, two: 2, three: 1 } },
  },
  {
    name: "n_choice_default",
    flow: flow(`  - Type: Choice
    Name: A
    InputConstructor: {v.$: $Input.n}
    Branches: [{Condition: '$Input.v > 5', Next: Big}, {Condition: '$Context.Execution.Input.n == 2 && $Input.v < 2', Next: Big}]
    Default: Small
  - {Type: Fail, Name: Big, Code: C, Detail: D}
  - {Type: Succeed, Name: Small}
`),
    input: { n: 2 },
    output: { v: 2 },
  },
  {
    name: "n_choice_global",
    flow: flow(`  - {Type: Pass, Name: A, GlobalConstructor: {mode: fast}, Next: B}
  - Type: Choice
    Name: B
    Branches: [{Condition: '$Global.mode == "fast"', Next: F}]
    Default: S
    OutputConstructor: {via: choice}
  - {Type: Succeed, Name: F, OutputConstructor: {r: fast, via.$: $Input.via}}
  - {Type: Succeed, Name: S}
`),
    input: {},
    output: { r: "fast", via: "choice" },
  },
  {
    name: "n_loop",
    flow: flow(`  - {Type: Pass, Name: A, OutputConstructor: {i.$: 'intAdd($Input.i, 1)'}, Next: B}
  - Type: Choice
    Name: B
    Branches: [{Condition: $Input.i < 10, Next: A}]
    Default: C
  - {Type: Succeed, Name: C}
`),
    input: { i: 0 },
    output: { i: 10 },
  },
  {
    name: "n_fail",
    flow: flow(`  - {Type: Fail, Name: A, Code: MyCode, Detail: my detail, End: true}\n`),
    input: {},
    error: "MyCode",
    status: "Failed",
  },
  { name: "n_fail_bare", flow: flow(`  - {Type: Fail, Name: A}\n`), input: {}, status: "Failed" },
  { name: "n_succeed_end", flow: flow(`  - {Type: Succeed, Name: A, End: true}\n`), input: { a: 1 }, output: { a: 1 } },
  {
    name: "n_wait",
    flow: flow(`  - {Type: Wait, Name: A, Seconds: 1, OutputConstructor: {w.$: $Input.x}, End: true}\n`),
    input: { x: 1 },
    output: { w: 1 },
  },
  {
    name: "n_wait_expr",
    flow: flow(`  - {Type: Wait, Name: A, Seconds.$: $Input.x, End: true}\n`),
    input: { x: 1 },
    output: { x: 1 },
  },
  {
    name: "n_wait_expr_bad",
    flow: flow(`  - {Type: Wait, Name: A, Seconds.$: $Input.x, End: true}\n`),
    input: { x: 301 },
    status: "Failed",
  },
  {
    name: "n_parallel",
    flow: flow(`  - Type: Parallel
    Name: A
    InputConstructor: {v.$: $Input.x}
    Branches:
      - {StartAt: P, States: [{Type: Pass, Name: P, OutputConstructor: {p.$: $Input.v}, End: true}]}
      - {StartAt: P, States: [{Type: Succeed, Name: P}]}
    End: true
`),
    input: { x: 1 },
    output: { Branch0: { p: 1 }, Branch1: { v: 1 } },
  },
  {
    name: "n_parallel_fail_catch",
    flow: flow(`  - Type: Parallel
    Name: A
    Branches:
      - {StartAt: W, States: [{Type: Wait, Name: W, Seconds: 300, End: true}]}
      - {StartAt: P, States: [{Type: Fail, Name: P, Code: Bad, Detail: why}]}
    Catch:
      - {Errors: [Other], Next: X}
      - {Errors: [Bad], Next: C, OutputConstructor: {code.$: $Context.Current.Error.Code, d.$: $Context.Current.Error.Detail, in.$: $Input.x, whole.$: $Context.Current.Error, n.$: $Context.Current.Name}}
      - {Errors: [FnF.ALL], Next: X}
    End: true
  - {Type: Fail, Name: X}
  - {Type: Succeed, Name: C}
`),
    input: { x: 1 },
    output: { code: "Bad", d: "why", in: 1, whole: { Code: "Bad", Detail: "why" }, n: "A" },
  },
  {
    name: "n_catch_bare",
    flow: flow(`  - Type: Parallel
    Name: A
    InputConstructor: {y.$: $Input.x}
    Branches: [{StartAt: P, States: [{Type: Fail, Name: P, Code: Bad}]}]
    Catch: [{Errors: [FnF.ALL], Next: C}]
    End: true
  - {Type: Succeed, Name: C}
`),
    input: { x: 1 },
    output: { y: 1 },
  },
  {
    name: "n_map",
    flow: flow(`  - Type: Map
    Name: A
    ItemsPath: $Input.items
    MaxConcuccency: 2
    Processor:
      StartAt: P
      States: [{Type: Pass, Name: P, OutputConstructor: {v.$: 'intAdd($Input.n, 1)', root.$: $Context.Execution.Input.k}, End: true}]
    End: true
`),
    input: { k: "K", items: [{ n: 1 }, { n: 2 }, { n: 3 }] },
    output: {
      Items: [
        { v: 2, root: "K" },
        { v: 3, root: "K" },
        { v: 4, root: "K" },
      ],
    },
  },
  {
    name: "n_map_empty",
    flow: flow(
      `  - {Type: Map, Name: A, ItemsPath: $Input.items, Processor: {StartAt: P, States: [{Type: Succeed, Name: P}]}, End: true}\n`,
    ),
    input: { items: [] },
    output: { Items: [] },
  },
  {
    name: "n_map_fnpath",
    flow: flow(
      `  - {Type: Map, Name: A, ItemsPath: 'toArray($Input, {"x": 2})', Processor: {StartAt: P, States: [{Type: Succeed, Name: P}]}, OutputConstructor: {xs.$: '$Output.Items[*].x', n.$: length($Output.Items)}, End: true}\n`,
    ),
    input: { x: 1 },
    output: { xs: [1, 2], n: 2 },
  },
  {
    name: "n_map_input_ctor",
    flow: flow(
      `  - {Type: Map, Name: A, InputConstructor: {l.$: $Input.a.b}, ItemsPath: $Input.l, Processor: {StartAt: P, States: [{Type: Succeed, Name: P}]}, OutputConstructor: {in.$: length($Input.l), out.$: $Output.Items}, End: true}\n`,
    ),
    input: { a: { b: [{ q: 1 }] } },
    output: { in: 1, out: [{ q: 1 }] },
  },
  {
    name: "n_map_fail_catch",
    flow: flow(`  - Type: Map
    Name: A
    ItemsPath: $Input.items
    Processor:
      StartAt: C
      States:
        - {Type: Choice, Name: C, Branches: [{Condition: $Input.n == 2, Next: F}], Default: S}
        - {Type: Fail, Name: F, Code: Two, Detail: d}
        - {Type: Succeed, Name: S}
    Catch: [{Errors: [Two], Next: H, OutputConstructor: {e.$: $Context.Current.Error.Code, i.$: $Input.items}}]
    End: true
  - {Type: Pass, Name: H, End: true}
`),
    input: { items: [{ n: 1 }, { n: 2 }] },
    output: { e: "Two", i: [{ n: 1 }, { n: 2 }] },
  },
  {
    name: "n_map_notlist",
    flow: flow(
      `  - {Type: Map, Name: A, ItemsPath: $Input.items, Processor: {StartAt: P, States: [{Type: Succeed, Name: P}]}, End: true}\n`,
    ),
    input: { items: 5 },
    error: "FnF.RuntimeError",
    status: "Failed",
  },
  {
    name: "n_retry_parallel",
    flow: flow(`  - Type: Parallel
    Name: A
    Branches: [{StartAt: P, States: [{Type: Choice, Name: P, Branches: [{Condition: $Global.tries == 3, Next: OK}], Default: N},{Type: Pass, Name: N, GlobalConstructor: {tries.$: '$Global.tries == null ? 1 : intAdd($Global.tries, 1)'}, Next: F}, {Type: Fail, Name: F, Code: Again}, {Type: Succeed, Name: OK, OutputConstructor: {tries.$: $Global.tries}}]}]
    Retry: [{Errors: [Again], MaxAttempts: 3, IntervalSeconds: 1}]
    End: true
`),
    input: {},
    output: { Branch0: { tries: 3 } },
  },
  {
    name: "n_sub_rc",
    flow: flow(
      `  - {Type: Task, Name: A, Action: 'FNF:StartExecution', Parameters: {resourceArn: 'acs:fnf:::flow/child_old', executionName.$: 'format("c-{}", $Context.Execution.Name)', input: {v: 1}}, OutputConstructor: {f.$: $Output.FlowName, same.$: '$Output.ExecutionName == format("c-{}", $Context.Execution.Name)', rid.$: length($Output.RequestID)}, End: true}\n`,
    ),
    input: {},
    output: { f: "child_old", same: true, rid: 36 },
  },
  {
    name: "n_sub_sys",
    flow: flow(
      `  - {Type: Task, Name: A, Action: 'FNF:StartExecution', TaskMode: WaitForSystemCallback, Parameters: {resourceArn: 'acs:fnf:cn::flow/child_old', input: {v.$: $Input.x}}, End: true}\n`,
    ),
    input: { x: 3 },
    output: { r: 3 },
  },
  {
    name: "n_sub_sys_fail",
    flow: flow(`  - Type: Task
    Name: A
    Action: FNF:StartExecution
    TaskMode: WaitForSystemCallback
    Parameters: {resourceArn: 'acs:fnf:::flow/child_old', input: {fail: true}}
    Retry: [{Errors: [Kaboom], MaxAttempts: 1, IntervalSeconds: 1, BackoffRate: 1.5, MaxBackoffSeconds: 2}]
    Catch: [{Errors: [Kaboom], Next: C, OutputConstructor: {c.$: $Context.Current.Error, rc.$: $Context.Current.RetryCount}}]
    End: true
  - {Type: Succeed, Name: C}
`),
    input: {},
    output: { c: { Code: "Kaboom", Detail: "child said" }, rc: 1 },
  },
  {
    name: "n_timeout",
    flow: flow(`  - {Type: Task, Name: A, Action: 'FNF:StartExecution', TaskMode: WaitForSystemCallback, Timeout: 1, Parameters: {resourceArn: 'acs:fnf:::flow/child_wait'}, Catch: [{Errors: [FnF.TaskTimeout], Next: C, OutputConstructor: {c.$: $Context.Current.Error.Code}}], End: true}
  - {Type: Succeed, Name: C}
`),
    input: {},
    output: { c: "FnF.TaskTimeout" },
  },
  {
    name: "n_http",
    flow: flow(
      `  - {Type: Task, Name: A, Action: 'HTTP:Request', Parameters: {url.$: $Input.url, method: get}, OutputConstructor: {code.$: $Output.Code, body.$: $Output.Body}, End: true}\n`,
    ),
    input: { url: "URL" },
    output: { code: 200, body: "hello world" },
  },
  {
    name: "n_http_404",
    flow: flow(
      `  - {Type: Task, Name: A, Action: 'HTTP:Request', Parameters: {url.$: $Input.url, method: POST, headers: {X-A: b, X-N: 1}, body: {a: 1}}, OutputConstructor: {code.$: $Output.Code, body.$: 'stringToJson($Output.Body)'}, End: true}\n`,
    ),
    input: { url: "URL404" },
    output: { code: 404, body: { method: "POST", a: "b", n: "1", ct: "application/json", body: '{"a":1}' } },
  },
  {
    name: "n_http_string_body",
    flow: flow(
      `  - {Type: Task, Name: A, Action: 'HTTP:Request', Parameters: {url.$: $Input.url, method: put, body: plain text}, OutputConstructor: {b.$: 'get(stringToJson($Output.Body), "body")', m.$: '$Output.Body.method'}, End: true}\n`,
    ),
    input: { url: "URL404" },
    output: { b: "plain text", m: "PUT" },
  },
  {
    name: "n_http_list_body",
    flow: flow(
      `  - {Type: Task, Name: A, Action: 'HTTP:Request', Parameters: {url.$: $Input.url, method: PATCH, body.$: '[1,$Input.q]'}, OutputConstructor: {b.$: 'get(stringToJson($Output.Body), "body")'}, End: true}\n`,
    ),
    input: { url: "URL404", q: 2 },
    output: { b: "[1,2]" },
  },
  {
    name: "n_http_head",
    flow: flow(
      `  - {Type: Task, Name: A, Action: 'HTTP:Request', Parameters: {url.$: $Input.url, method: HEAD}, OutputConstructor: {code.$: $Output.Code}, End: true}\n`,
    ),
    input: { url: "URL" },
    output: { code: 200 },
  },
  {
    name: "n_http_down",
    flow: flow(`  - {Type: Task, Name: A, Action: 'HTTP:Request', Parameters: {url: 'http://127.0.0.1:1/', method: GET}, Catch: [{Errors: [HTTP.RequestFailed], Next: C, OutputConstructor: {caught: true}}], End: true}
  - {Type: Succeed, Name: C}
`),
    input: {},
    output: { caught: true },
  },
  {
    name: "n_express",
    express: true,
    flow: flow(`  - {Type: Pass, Name: A, OutputConstructor: {x.$: $Input.x}, End: true}\n`),
    input: { x: 1 },
    output: { x: 1 },
  },
  {
    name: "n_express_fail",
    express: true,
    flow: flow(`  - {Type: Fail, Name: A, Code: Bad, Detail: d}\n`),
    input: { x: 1 },
    error: "Bad",
    status: "Failed",
  },
  {
    name: "n_express_old",
    express: true,
    flow: `version: v1\ntype: flow\nsteps: [{type: pass, name: a, outputMappings: [{target: v, source: $input.x}]}]`,
    input: { x: 1 },
    output: { v: 1 },
  },
  {
    name: "n_express_map",
    express: true,
    flow: flow(
      `  - {Type: Map, Name: A, ItemsPath: $Input.items, Processor: {StartAt: P, States: [{Type: Wait, Name: P, Seconds: 1, End: true}]}, End: true}\n`,
    ),
    input: { items: [{ a: 1 }, { a: 2 }] },
    output: { Items: [{ a: 1 }, { a: 2 }] },
  },
  {
    name: "n_names_spaces",
    flow: flow(
      `  - {Type: Pass, Name: 'First state', Next: 'Second / state ~ é'}
  - {Type: Pass, Name: 'Second / state ~ é', OutputConstructor: {n.$: $Context.Current.Name}, End: true}
`,
      "'First state'",
    ),
    input: {},
    output: { n: "Second / state ~ é" },
  },
  {
    name: "n_exec_ctx",
    flow: flow(`  - {Type: Pass, Name: A, OutputConstructor: {ctx.$: $Context.Execution.Name, arn.$: $Context.Execution.RoleArn}, Next: B}
  - {Type: Pass, Name: B, OutputConstructor: {has.$: length($Input.ctx) > 0, arn.$: $Input.arn}, End: true}
`),
    input: {},
    output: { has: true, arn: "" },
  },
  {
    name: "n_ictor_dollar",
    flow: flow(
      `  - {Type: Pass, Name: A, InputConstructor.$: $Input.inner, OutputConstructor.$: $Output, End: true}\n`,
    ),
    input: { inner: { a: 1 } },
    output: { a: 1 },
  },
  {
    name: "n_retry_first_match",
    flow: flow(`  - Type: Task
    Name: A
    Action: FNF:StartExecution
    TaskMode: WaitForSystemCallback
    Parameters: {resourceArn: 'acs:fnf:::flow/child_old', input: {fail: true}}
    Retry:
      - {Errors: [Kaboom], MaxAttempts: 0, IntervalSeconds: 1}
      - {Errors: [FnF.ALL], MaxAttempts: 5, IntervalSeconds: 1}
    Catch: [{Errors: [FnF.ALL], Next: C, OutputConstructor: {rc.$: $Context.Current.RetryCount}}]
    End: true
  - {Type: Succeed, Name: C}
`),
    input: {},
    output: { rc: 0 },
  },
  {
    name: "n_task_in",
    flow: flow(`  - Type: Task
    Name: A
    Action: FNF:StartExecution
    TaskMode: WaitForSystemCallback
    InputConstructor: {z.$: $Input.x}
    Parameters: {resourceArn.$: 'format("acs:fnf:::flow/{}", "child_old")', input: {v.$: $Input.z}}
    OutputConstructor: {r.$: $Output.r, z.$: $Input.z, co.$: $Context.Current.Output, ci.$: $Context.Current.Input}
    GlobalConstructor: {last.$: $Output.r}
    Next: B
  - {Type: Succeed, Name: B, OutputConstructor: {i.$: $Input, g.$: $Global.last}}
`),
    input: { x: 3 },
    output: { i: { r: 3, z: 3, co: { r: 3 }, ci: { z: 3 } }, g: 3 },
  },
  {
    name: "n_succeed_in_map",
    flow: flow(`  - {Type: Map, Name: A, ItemsPath: $Input.l, Processor: {StartAt: P, States: [{Type: Choice, Name: P, Branches: [{Condition: $Input.a == 1, Next: S}], Default: T}, {Type: Succeed, Name: S, OutputConstructor: {early: true}}, {Type: Pass, Name: T, OutputConstructor: {late: true}, End: true}]}, Next: B}
  - {Type: Pass, Name: B, OutputConstructor: {l.$: $Input.Items, done: true}, End: true}
`),
    input: { l: [{ a: 1 }, { a: 2 }] },
    output: { l: [{ early: true }, { late: true }], done: true },
  },
];
