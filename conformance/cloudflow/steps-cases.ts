/** Flows of the old language with what they must give (cloudflow.md 5), told by hand from the specification. */

export interface FlowCase {
  readonly name: string;
  readonly flow: string;
  /** `URL` and `URL404`: the called server's. */
  readonly input?: unknown;
  readonly output?: unknown;
  /** The default is Succeeded. */
  readonly status?: string;
  readonly error?: string;
  readonly express?: true;
  /** The expression or condition it is about. */
  readonly about?: string;
}

const flow = (steps: string, rest = ""): string => `version: v1\ntype: flow\n${rest}steps:\n${steps}`;
export const STEPS_CASES: readonly FlowCase[] = [
  {
    name: "pass_default",
    flow: flow(`  - type: pass
    name: a
`),
    input: { x: 1 },
    output: {},
  },
  {
    name: "pass_out",
    flow: flow(`  - type: pass
    name: a
    outputMappings:
      - {target: n, source: 1}
      - {target: f, source: 1.5}
      - {target: s, source: text}
      - {target: b, source: false}
      - {target: e, source: ''}
      - {target: z, source: null}
      - {target: l, source: [1, $input.x, {a: b}]}
      - {target: m, source: {k: $local.z}}
      - {target: p, source: $input.x}
      - {target: d, source: $.x}
      - {target: q, source: $inputs}
`),
    input: { x: 1 },
    output: {
      n: 1,
      f: 1.5,
      s: "text",
      b: false,
      e: "",
      z: null,
      l: [1, "$input.x", { a: "b" }],
      m: { k: "$local.z" },
      p: 1,
      d: "$.x",
      q: "$inputs",
    },
  },
  {
    name: "default_merge_local_wins",
    flow: flow(`  - type: pass
    name: a
    outputMappings:
      - {target: x, source: fromLocal}
  - type: pass
    name: b
    outputMappings:
      - {target: seen, source: $input}
`),
    input: { x: 1, y: 2 },
    output: { x: "fromLocal", seen: { x: "fromLocal", y: 2 } },
  },
  {
    name: "inmap_replaces",
    flow: flow(`  - type: pass
    name: a
    outputMappings:
      - {target: loc, source: 7}
  - type: pass
    name: b
    inputMappings:
      - {target: i, source: $input.y}
      - {target: l, source: $local.loc}
      - {target: whole, source: $local}
      - {target: none, source: $local.nothing.deep}
    outputMappings:
      - {target: seen, source: $input}
      - {target: mine, source: $local}
`),
    input: { y: 2 },
    output: { loc: 7, seen: { i: 2, l: 7, whole: { loc: 7 }, none: null }, mine: {} },
  },
  {
    name: "shallow_overwrite",
    flow: flow(`  - type: pass
    name: a
    outputMappings:
      - {target: o, source: {a: 1, b: 2}}
  - type: pass
    name: b
    outputMappings:
      - {target: o, source: {c: 3}}
`),
    output: { o: { c: 3 } },
  },
  {
    name: "flow_in_out",
    flow: flow(
      `  - type: pass
    name: a
    outputMappings:
      - {target: v, source: $input.renamed}
      - {target: gone, source: $input.orig}
`,
      `inputMappings:
  - {target: renamed, source: $input.orig}
  - {target: ctx, source: $context.execution.name}
outputMappings:
  - {target: r, source: $local.v}
  - {target: g, source: $local.gone}
  - {target: i, source: $input.renamed}
  - {target: c, source: const}
`,
    ),
    input: { orig: "O" },
    output: { r: "O", g: null, i: "O", c: "const" },
  },
  {
    name: "projection",
    flow: flow(`  - type: pass
    name: a
    outputMappings:
      - {target: i0, source: '$input.list[0]'}
      - {target: v, source: '$input.list[*].v'}
      - {target: flat, source: '$input.list[*].y[*]'}
      - {target: deep, source: '$input.list[1].y[0]'}
      - {target: all, source: '$input.list[*]'}
      - {target: q, source: "$input['odd key']"}
`),
    input: {
      list: [
        { v: 1, y: [1, 2] },
        { v: 2, y: [3] },
      ],
      "odd key": "ok",
    },
    output: {
      i0: { v: 1, y: [1, 2] },
      v: [1, 2],
      flat: [1, 2, 3],
      deep: 3,
      all: [
        { v: 1, y: [1, 2] },
        { v: 2, y: [3] },
      ],
      q: "ok",
    },
  },
  {
    name: "end_true",
    flow: flow(`  - type: pass
    name: a
    end: true
    outputMappings:
      - {target: a, source: 1}
  - type: pass
    name: b
    outputMappings:
      - {target: b, source: 1}
`),
    output: { a: 1 },
  },
  {
    name: "goto_loop",
    flow: flow(`  - type: pass
    name: init
    outputMappings:
      - {target: left, source: $input.list}
  - type: choice
    name: more
    choices:
      - condition: $.a == 0
        goto: next1
      - condition: $.a == 1
        goto: next2
    default:
      goto: done
  - type: pass
    name: next1
    outputMappings:
      - {target: a, source: 1}
      - {target: one, source: true}
  - type: choice
    name: again
    choices:
      - condition: 'true'
        goto: more
  - type: pass
    name: next2
    outputMappings:
      - {target: a, source: 2}
      - {target: two, source: true}
  - type: choice
    name: again2
    choices:
      - condition: true
        goto: more
  - type: pass
    name: done
    outputMappings:
      - {target: done, source: true}
`),
    input: { a: 0, list: [] },
    output: { left: [], a: 2, one: true, two: true, done: true },
  },
  {
    name: "choice_falls_through",
    flow: flow(`  - type: choice
    name: c
    choices:
      - condition: $.x > 100
        goto: never
  - type: pass
    name: after
    outputMappings:
      - {target: after, source: true}
    end: true
  - type: pass
    name: never
`),
    input: { x: 1 },
    output: { after: true },
  },
  {
    name: "choice_steps_union",
    flow: flow(`  - type: choice
    name: c
    choices:
      - condition: $.x == 1
        steps:
          - type: pass
            name: s1
            outputMappings: [{target: a, source: 1}, {target: b, source: 1}]
          - type: pass
            name: s2
            outputMappings: [{target: b, source: 2}, {target: sawA, source: $input.a}, {target: sawX, source: $input.x}]
  - type: pass
    name: after
    outputMappings: [{target: sees, source: $input}]
`),
    input: { x: 1 },
    output: { a: 1, b: 2, sawA: 1, sawX: 1, sees: { x: 1, a: 1, b: 2, sawA: 1, sawX: 1 } },
  },
  {
    name: "choice_outmaps",
    flow: flow(`  - type: choice
    name: c
    inputMappings: [{target: k, source: $input.x}]
    choices:
      - condition: $.k == 1
        steps:
          - {type: pass, name: s1, outputMappings: [{target: a, source: $input.k}]}
    outputMappings: [{target: picked, source: $local.a}, {target: fromIn, source: $input.k}]
`),
    input: { x: 1 },
    output: { picked: 1, fromIn: 1 },
  },
  {
    name: "choice_first_true",
    flow: flow(`  - type: choice
    name: c
    choices:
      - condition: $.x >= 1
        steps: [{type: pass, name: s1, outputMappings: [{target: r, source: first}]}]
      - condition: $.x >= 1
        steps: [{type: pass, name: s2, outputMappings: [{target: r, source: second}]}]
    default:
      steps: [{type: pass, name: s3, outputMappings: [{target: r, source: def}]}]
`),
    input: { x: 1 },
    output: { r: "first" },
  },
  {
    name: "choice_end_in_branch",
    flow: flow(`  - type: choice
    name: c
    choices:
      - condition: $.x == 1
        steps: [{type: pass, name: s1, outputMappings: [{target: r, source: in}], end: true}, {type: pass, name: s2, outputMappings: [{target: no, source: 1}]}]
  - {type: pass, name: after, outputMappings: [{target: after, source: 1}]}
`),
    input: { x: 1 },
    output: { r: "in" },
  },
  {
    name: "choice_succeed_in_branch",
    flow: flow(`  - type: choice
    name: c
    choices:
      - condition: $.x == 1
        steps: [{type: pass, name: s1, outputMappings: [{target: r, source: in}]}, {type: succeed, name: s2}]
  - {type: pass, name: after, outputMappings: [{target: after, source: 1}]}
`),
    input: { x: 1 },
    output: { r: "in" },
  },
  {
    name: "choice_nested_goto",
    flow: flow(`  - type: choice
    name: c
    choices:
      - condition: $.x == 1
        steps:
          - type: choice
            name: inner
            choices: [{condition: '$.y in ["a","b"]', goto: hit}]
            default: {goto: miss}
          - {type: pass, name: hit, outputMappings: [{target: r, source: hit}]}
          - {type: pass, name: miss, outputMappings: [{target: m, source: miss}]}
        goto: last
  - {type: pass, name: skipped, outputMappings: [{target: skipped, source: 1}]}
  - {type: pass, name: last, outputMappings: [{target: last, source: 1}]}
`),
    input: { x: 1, y: "a" },
    output: { r: "hit", m: "miss", last: 1 },
  },
  ...(
    [
      ["$.n > 1", true],
      ["$.n >= 2", true],
      ["$.n < 2", false],
      ["$.n <= 2", true],
      ["$.n == 2.0", true],
      ["$.n != 3", true],
      ['$.s == "b"', true],
      ["$.s == `b`", true],
      ['$.s > "a"', true],
      ['$.s < "a"', false],
      ['$.n == "2"', false],
      ['$.n > "1"', false],
      ['$.n != "2"', true],
      ["!($.n == 2)", false],
      ["-$.n == -2", true],
      ["-$.n < 0", true],
      ["$.s in $.list", true],
      ['"zz" in $.list', false],
      ['"k" in $.map', true],
      ['"q" in $.map', false],
      ["$.n in [1,2]", true],
      ["$.t", true],
      ["!$.t", false],
      ["$.f", false],
      ["$.t == true", true],
      ["$.t && $.f", false],
      ["$.t || $.f", true],
      ["$.t && !$.f && ($.n == 1 || $.n == 2)", true],
      ["$.map.k.v == 5", true],
      ['$.list[0] == "a"', true],
      ["$.list[1] == $.s", true],
      ["$.missing == 1", false],
      ["$.missing > 0", false],
      ["$.missing == null", true],
      ['$.deep.missing.x == "a"', false],
      ["$.n + 1 == 3", true],
      ["$.n * 2 - 1 == 3", true],
      ['$.s =~ "^b$"', true],
      ["$.n == 2 || $.n / 0 == 1", true],
      ["12.5 > 12", true],
      ["$.s == 'b'", true],
      ['$.list == ["a","b"]', true],
      ['$["s"] == "b"', true],
      ["$['s'] == \"b\"", true],
      ['$.n==2&&$.s=="b"', true],
      ["true", true],
      ["false", false],
      ["!false", true],
      ['$.empty == ""', true],
      ['$.empty != ""', false],
      ["$.n > $.list[0]", false],
      ["$.n >= -1", true],
      ["1 < $.n", true],
      ['"é" == $.uni', true],
    ] as [string, boolean][]
  ).map(([c, r], i) => ({
    name: `cond_${i}`,
    flow: flow(`  - type: choice
    name: c
    choices:
      - condition: ${JSON.stringify(c)}
        steps: [{type: pass, name: yes1, outputMappings: [{target: r, source: true}]}]
    default:
      steps: [{type: pass, name: no1, outputMappings: [{target: r, source: false}]}]
`),
    input: { n: 2, s: "b", list: ["a", "b"], map: { k: { v: 5 } }, t: true, f: false, empty: "", uni: "é" },
    output: { r },
    about: c,
  })),
  {
    name: "parallel_nomapping",
    flow: flow(`  - type: parallel
    name: p
    branches:
      - steps: [{type: pass, name: a, outputMappings: [{target: a, source: 1}]}]
      - steps: [{type: pass, name: b, outputMappings: [{target: b, source: 1}]}]
  - {type: pass, name: after, outputMappings: [{target: sees, source: $input}]}
`),
    input: { x: 1 },
    output: { sees: { x: 1 } },
  },
  {
    name: "parallel_map",
    flow: flow(`  - type: parallel
    name: p
    inputMappings: [{target: k, source: $input.x}]
    branches:
      - steps: [{type: wait, name: w, duration: 1}, {type: pass, name: a, outputMappings: [{target: v, source: $input.k}]}]
      - steps: [{type: pass, name: b, outputMappings: [{target: v, source: two}]}, {type: succeed, name: su}, {type: pass, name: zz, outputMappings: [{target: v, source: no}]}]
      - steps: [{type: pass, name: c, end: true, outputMappings: [{target: other, source: $input.x}]}]
    outputMappings: [{target: all, source: $local}, {target: v, source: '$local[*].v'}, {target: first, source: '$local[0].v'}]
`),
    input: { x: 1 },
    output: { all: [{ v: 1 }, { v: "two" }, { other: null }], v: [1, "two"], first: 1 },
  },
  {
    name: "parallel_fail",
    flow: flow(`  - type: parallel
    name: p
    branches:
      - steps: [{type: wait, name: w, duration: 1000}]
      - steps: [{type: fail, name: f, error: Broken, cause: why}]
`),
    input: {},
    error: "Broken",
    status: "Failed",
  },
  {
    name: "parallel_fail_catch",
    flow: flow(`  - type: parallel
    name: p
    branches:
      - steps: [{type: wait, name: w, duration: 1000}]
      - steps: [{type: fail, name: f, error: Broken, cause: why}]
    errorMappings: [{target: e, source: $local.error}, {target: c, source: $local.cause}, {target: k, source: konst}]
    catch:
      - {errors: [Other], goto: wrong}
      - {errors: [Broken], goto: right}
      - {errors: [FnF.ALL], goto: wrong}
  - {type: pass, name: wrong, end: true, outputMappings: [{target: wrong, source: 1}]}
  - {type: pass, name: right, outputMappings: [{target: right, source: $input.e}]}
`),
    input: {},
    output: { e: "Broken", c: "why", k: "konst", right: "Broken" },
  },
  {
    name: "catch_no_errormappings",
    flow: flow(`  - type: parallel
    name: p
    branches: [{steps: [{type: fail, name: f, error: Broken}]}]
    outputMappings: [{target: out, source: 1}]
    catch: [{errors: [FnF.ALL], goto: right}]
  - {type: pass, name: skipped, outputMappings: [{target: skipped, source: 1}]}
  - {type: pass, name: right, outputMappings: [{target: saw, source: $input}]}
`),
    input: { q: 1 },
    output: { saw: { q: 1 } },
  },
  {
    name: "foreach",
    flow: flow(`  - type: foreach
    name: f
    iterationMapping: {collection: $.items, item: it, index: ix}
    steps:
      - {type: pass, name: a, outputMappings: [{target: v, source: $input.it.n}, {target: i, source: $input.ix}, {target: base, source: $input.base}]}
    outputMappings: [{target: vs, source: '$local[*].v'}, {target: all, source: $local}]
`),
    input: { base: "B", items: [{ n: 3 }, { n: 1 }] },
    output: {
      vs: [3, 1],
      all: [
        { v: 3, i: 0, base: "B" },
        { v: 1, i: 1, base: "B" },
      ],
    },
  },
  {
    name: "foreach_scalars",
    flow: flow(`  - type: foreach
    name: f
    inputMappings: [{target: xs, source: $input.items}]
    iterationMapping: {collection: $.xs, item: it}
    steps:
      - {type: pass, name: a, outputMappings: [{target: v, source: $input.it}]}
    outputMappings: [{target: vs, source: '$local[*].v'}]
`),
    input: { items: [3, "a", null] },
    output: { vs: [3, "a", null] },
  },
  {
    name: "foreach_empty",
    flow: flow(`  - type: foreach
    name: f
    iterationMapping: {collection: $.items, item: it}
    steps: [{type: pass, name: a}]
    outputMappings: [{target: vs, source: '$local[*].v'}, {target: l, source: $local}]
`),
    input: { items: [] },
    output: { vs: [], l: [] },
  },
  {
    name: "foreach_nomap",
    flow: flow(`  - type: foreach
    name: f
    iterationMapping: {collection: $.items, item: it}
    steps: [{type: pass, name: a, outputMappings: [{target: v, source: $input.it}]}]
`),
    input: { items: [1] },
    output: {},
  },
  {
    name: "foreach_nested",
    flow: flow(`  - type: foreach
    name: f
    iterationMapping: {collection: $.rows, item: row, index: r}
    steps:
      - type: foreach
        name: g
        iterationMapping: {collection: $.row, item: cell, index: c}
        steps: [{type: pass, name: a, outputMappings: [{target: v, source: $input.cell}, {target: r, source: $input.r}, {target: c, source: $input.c}]}]
        outputMappings: [{target: cells, source: $local}]
    outputMappings: [{target: flat, source: '$local[*].cells[*].v'}, {target: rows, source: '$local[*].cells'}]
`),
    input: { rows: [[1, 2], [3]] },
    output: {
      flat: [1, 2, 3],
      rows: [
        [
          { v: 1, r: 0, c: 0 },
          { v: 2, r: 0, c: 1 },
        ],
        [{ v: 3, r: 1, c: 0 }],
      ],
    },
  },
  {
    name: "foreach_fail",
    flow: flow(`  - type: foreach
    name: f
    iterationMapping: {collection: $.items, item: it}
    steps:
      - type: choice
        name: c
        choices: [{condition: $.it == 2, goto: bad}]
        default: {goto: ok}
      - {type: fail, name: bad, error: Two, cause: two}
      - {type: pass, name: ok}
    errorMappings: [{target: e, source: $local.error}]
    catch: [{errors: [Two], goto: h}]
  - {type: pass, name: n, end: true}
  - {type: pass, name: h, outputMappings: [{target: h, source: 1}]}
`),
    input: { items: [1, 2, 3] },
    output: { e: "Two", h: 1 },
  },
  {
    name: "foreach_notlist",
    flow: flow(`  - type: foreach
    name: f
    iterationMapping: {collection: $.items, item: it}
    steps: [{type: pass, name: a}]
`),
    input: { items: "no" },
    error: "FnF.RuntimeError",
    status: "Failed",
  },
  {
    name: "fail_top",
    flow: flow(`  - {type: fail, name: f, error: E, cause: because}
`),
    input: {},
    error: "E",
    status: "Failed",
  },
  {
    name: "fail_noerror",
    flow: flow(`  - {type: fail, name: f}
`),
    input: {},
    error: "",
    status: "Failed",
  },
  {
    name: "fail_in_choice",
    flow: flow(`  - type: choice
    name: c
    choices: [{condition: true, steps: [{type: fail, name: f, error: InChoice}]}]
`),
    input: {},
    error: "InChoice",
    status: "Failed",
  },
  {
    name: "wait_ts_past",
    flow: flow(`  - {type: wait, name: w, timestamp: 2020-01-01T00:00:00Z, outputMappings: [{target: x, source: $input.x}]}
`),
    input: { x: 1 },
    output: { x: 1 },
  },
  {
    name: "wait_ts_path",
    flow: flow(`  - {type: wait, name: w, timestamp: $.at}
`),
    input: { at: "2020-01-01T00:00:00+08:00" },
    output: {},
  },
  {
    name: "wait_dur_path",
    flow: flow(`  - {type: wait, name: w, duration: $.d}
`),
    input: { d: 1 },
    output: {},
  },
  {
    name: "wait_dur_bad",
    flow: flow(`  - {type: wait, name: w, duration: $.d}
`),
    input: { d: 172801 },
    status: "Failed",
  },
  {
    name: "succeed_out",
    flow: flow(`  - {type: succeed, name: s, outputMappings: [{target: r, source: $input.x}]}
  - {type: fail, name: f}
`),
    input: { x: 5 },
    output: { r: 5 },
  },
  {
    name: "json_def",
    flow: JSON.stringify(
      {
        version: "v1beta1",
        type: "flow",
        steps: [{ type: "pass", name: "a", outputMappings: [{ target: "v", source: "$input.x" }] }],
      },
      null,
      "\t",
    ),
    input: { x: 1 },
    output: { v: 1 },
  },
  {
    name: "version_v1_0",
    flow: `version: v1.0\ntype: flow\nname: other\nsteps:\n- type: pass\n  name: a\n`,
    output: {},
  },
  {
    name: "ctx",
    flow: flow(`  - {type: pass, name: stepname, outputMappings: [{target: fn, source: $context.flow.name}, {target: sn, source: $context.step.name}]}
`),
    output: { fn: "ctx", sn: "stepname" },
  },
  {
    name: "unicode_names",
    flow: flow(`  - {type: pass, name: 步骤 一, outputMappings: [{target: 中文, source: $input.é}]}
`),
    input: { é: "ü+&=%" },
    output: { 中文: "ü+&=%" },
  },
  {
    name: "sub_sync",
    flow: flow(`  - type: task
    name: t
    resourceArn: acs:fnf:::flow/child_old
    pattern: sync
    inputMappings: [{target: v, source: $input.x}]
    outputMappings: [{target: got, source: $local.r}]
`),
    input: { x: 9 },
    output: { got: 9 },
  },
  {
    name: "sub_sync_params_roots",
    flow: flow(`  - type: task
    name: t
    resourceArn: acs:fnf:::flow/child_old
    pattern: sync
    serviceParams: {Input: {v: {i: $input.x, s: $context.step.name, d: $5.00, l: [$input]}}}
`),
    input: { x: 9 },
    output: { r: { i: 9, s: "t", d: "$5.00", l: [{ x: 9 }] } },
  },
  {
    name: "sub_sync_params",
    flow: flow(`  - type: task
    name: t
    resourceArn: acs:fnf:cn-hangzhou:123:flow/child_old
    pattern: sync
    serviceParams: {Input: {v: $.x, k: 1}}
`),
    input: { x: 9 },
    output: { r: 9 },
  },
  {
    name: "sub_rr",
    flow: flow(`  - type: task
    name: t
    resourceArn: acs:fnf:::flow/child_old
    serviceParams: {Input: $, ExecutionName: $.en}
    outputMappings: [{target: done, source: 1}]
`),
    input: { v: 9, en: "rr_child" },
    output: { done: 1 },
  },
  {
    name: "sub_sync_fail",
    flow: flow(`  - type: task
    name: t
    resourceArn: acs:fnf:::flow/child_old
    pattern: sync
    inputMappings: [{target: fail, source: true}]
    errorMappings: [{target: e, source: $local.error}, {target: c, source: $local.cause}]
    retry: [{errors: [NotThis], maxAttempts: 3}]
    catch: [{errors: [FnF.TaskTimeout], goto: wrong}, {errors: [Kaboom, X], goto: right}]
  - {type: fail, name: wrong, error: W}
  - {type: pass, name: right}
`),
    input: {},
    output: { e: "Kaboom", c: "child said" },
  },
  {
    name: "sub_missing",
    flow: flow(`  - type: task
    name: t
    resourceArn: acs:fnf:::flow/nowhere_at_all
    pattern: sync
    errorMappings: [{target: e, source: $local.error}]
    catch: [{errors: [FnF.ALL], goto: right}]
  - {type: fail, name: wrong, error: W}
  - {type: pass, name: right, outputMappings: [{target: ok, source: 1}]}
`),
    input: {},
    output: { e: "FnF.FlowNotExists", ok: 1 },
  },
  {
    name: "timeout_task",
    flow: flow(`  - type: task
    name: t
    resourceArn: acs:fnf:::flow/child_wait
    pattern: sync
    timeoutSeconds: 1
    errorMappings: [{target: e, source: $local.error}]
    catch: [{errors: [FnF.TaskTimeout], goto: right}]
  - {type: fail, name: wrong, error: W}
  - {type: pass, name: right}
`),
    input: {},
    output: { e: "FnF.TaskTimeout" },
  },
  {
    name: "goto_from_catch_back",
    flow: flow(`  - {type: pass, name: start}
  - type: choice
    name: c
    choices: [{condition: $.second == true, goto: done}]
  - type: parallel
    name: p
    branches: [{steps: [{type: fail, name: f, error: A}]}]
    errorMappings: [{target: second, source: true}]
    catch: [{errors: [A], goto: start}]
  - {type: fail, name: no}
  - {type: pass, name: done, outputMappings: [{target: ok, source: 1}]}
`),
    input: {},
    output: { second: true, ok: 1 },
  },
  {
    name: "same_names_in_branches",
    flow: flow(`  - type: parallel
    name: p
    branches:
      - steps: [{type: pass, name: a, outputMappings: [{target: v, source: 1}]}]
      - steps: [{type: pass, name: a, outputMappings: [{target: v, source: 2}]}]
    outputMappings: [{target: v, source: '$local[*].v'}]
`),
    output: { v: [1, 2] },
  },
  {
    name: "timeout_flow",
    flow: flow(
      `  - {type: wait, name: w, duration: 100}
`,
      "timeoutSeconds: 1\n",
    ),
    input: {},
    status: "TimedOut",
  },
  {
    name: "mns_unconfigured",
    flow: flow(`  - type: task
    name: t
    resourceArn: acs:mns:::/topics/none/messages
    serviceParams: {MessageBody: $}
    catch: [{errors: [FnF.ALL], goto: r}]
  - {type: fail, name: x, error: X}
  - {type: pass, name: r, outputMappings: [{target: ok, source: 1}]}
`),
    input: {},
    output: { ok: 1 },
  },
];
