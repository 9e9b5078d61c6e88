/** Definitions that CreateFlow refuses, and odd ones that it takes (cloudflow.md 8). `N`: of the new language. */

const steps = (list: string): string => `version: v1\ntype: flow\nsteps:\n${list}`;
const states = (list: string, start = "A"): string =>
  `Type: StateMachine\nSpecVersion: v1\nName: x\nStartAt: ${start}\nStates:\n${list}`;
const END = "{Type: Succeed, Name: Z}";
export const REFUSED: readonly (readonly [string, string])[] = [
  ["yaml", "a: [b"],
  ["scalar", "hello"],
  ["list", "- a"],
  ["neither", "steps: []"],
  ["other type", "type: flows\nsteps: [{type: pass, name: a}]"],
  ["no steps", "type: flow\nversion: v1"],
  ["empty steps", "type: flow\nsteps: []"],
  ["null steps", "type: flow\nsteps:"],
  ["steps map", "type: flow\nsteps: {a: b}"],
  ["no States", "Type: StateMachine\nStartAt: A"],
  ["empty States", "Type: StateMachine\nStartAt: A\nStates: []"],
  ["States map", "Type: StateMachine\nStartAt: A\nStates: {A: {Type: Pass, End: true}}"],
  ["noname", steps("  - {type: pass}")],
  ["badtype", steps("  - {type: passes, name: a}")],
  ["notype", steps("  - {name: a}")],
  ["N noname", states("  - {Type: Pass, End: true}")],
  ["N badtype", states("  - {Type: pass, Name: A, End: true}")],
  ["N notype", states("  - {Name: A, End: true}")],
  ["dup", steps("  - {type: pass, name: a}\n  - {type: pass, name: a}")],
  ["N dup", states("  - {Type: Pass, Name: A, Next: A}\n  - {Type: Pass, Name: A, End: true}")],
  ["goto none", steps("  - {type: choice, name: c, choices: [{condition: '$.a == 1', goto: nowhere}]}")],
  [
    "goto other seq",
    steps("  - {type: choice, name: c, choices: [{condition: '$.a == 1', steps: [{type: pass, name: in}], goto: in}]}"),
  ],
  ["default goto", steps("  - {type: choice, name: c, choices: [{condition: '$.a == 1'}], default: {goto: x}}")],
  [
    "catch goto",
    steps("  - {type: task, name: t, resourceArn: 'acs:fnf:::flow/x', catch: [{errors: [A], goto: none}]}"),
  ],
  ["catch no goto", steps("  - {type: task, name: t, resourceArn: 'acs:fnf:::flow/x', catch: [{errors: [A]}]}")],
  ["retry no errors", steps("  - {type: task, name: t, resourceArn: 'acs:fnf:::flow/x', retry: [{maxAttempts: 1}]}")],
  ["N next none", states("  - {Type: Pass, Name: A, Next: B}")],
  ["N start none", states("  - {Type: Pass, Name: A, End: true}", "B")],
  ["N nostart", "Type: StateMachine\nStates: [{Type: Pass, Name: A, End: true}]"],
  [
    "N default none",
    states(`  - {Type: Choice, Name: A, Branches: [{Condition: '$Input.a == 1', Next: Z}], Default: Q}\n  - ${END}`),
  ],
  ["N nodefault", states(`  - {Type: Choice, Name: A, Branches: [{Condition: '$Input.a == 1', Next: Z}]}\n  - ${END}`)],
  [
    "N branch next none",
    states(`  - {Type: Choice, Name: A, Branches: [{Condition: '$Input.a == 1', Next: Q}], Default: Z}\n  - ${END}`),
  ],
  [
    "N branch nonext",
    states(`  - {Type: Choice, Name: A, Branches: [{Condition: '$Input.a == 1'}], Default: Z}\n  - ${END}`),
  ],
  ["N branch nocond", states(`  - {Type: Choice, Name: A, Branches: [{Next: Z}], Default: Z}\n  - ${END}`)],
  ["N nobranches", states(`  - {Type: Choice, Name: A, Default: Z}\n  - ${END}`)],
  [
    "N next in other scope",
    states(
      "  - {Type: Parallel, Name: A, Branches: [{StartAt: B, States: [{Type: Pass, Name: B, Next: Z}]}], Next: Z}\n  - " +
        END,
    ),
  ],
  ["no resourceArn", steps("  - {type: task, name: t}")],
  ["bad resourceArn", steps("  - {type: task, name: t, resourceArn: foo}")],
  ["bad pattern", steps("  - {type: task, name: t, resourceArn: 'acs:fnf:::flow/x', pattern: foo}")],
  ["no condition", steps("  - {type: choice, name: c, choices: [{goto: c}]}")],
  ["no choices", steps("  - {type: choice, name: c}")],
  ["no iter", steps("  - {type: foreach, name: f, steps: [{type: pass, name: a}]}")],
  ["no coll", steps("  - {type: foreach, name: f, iterationMapping: {item: a}, steps: [{type: pass, name: a}]}")],
  [
    "no item",
    steps("  - {type: foreach, name: f, iterationMapping: {collection: $.a}, steps: [{type: pass, name: a}]}"),
  ],
  ["no fsteps", steps("  - {type: foreach, name: f, iterationMapping: {collection: $.a, item: b}}")],
  ["no branches", steps("  - {type: parallel, name: p}")],
  ["empty branches", steps("  - {type: parallel, name: p, branches: []}")],
  ["branch no steps", steps("  - {type: parallel, name: p, branches: [{}]}")],
  ["wait none", steps("  - {type: wait, name: w}")],
  ["wait both", steps("  - {type: wait, name: w, duration: 1, timestamp: 2020-01-01T00:00:00Z}")],
  ["wait long", steps("  - {type: wait, name: w, duration: 172801}")],
  ["wait neg", steps("  - {type: wait, name: w, duration: -1}")],
  ["wait ts", steps("  - {type: wait, name: w, timestamp: tomorrow}")],
  ["wait dur text", steps("  - {type: wait, name: w, duration: ten}")],
  ["N noaction", states("  - {Type: Task, Name: A, Parameters: {}, End: true}")],
  ["N badaction", states("  - {Type: Task, Name: A, Action: 'Foo:Bar', Parameters: {}, End: true}")],
  [
    "N badmode",
    states(
      "  - {Type: Task, Name: A, Action: 'HTTP:Request', TaskMode: X, Parameters: {url: 'http://x', method: GET}, End: true}",
    ),
  ],
  ["N nourl", states("  - {Type: Task, Name: A, Action: 'HTTP:Request', Parameters: {method: GET}, End: true}")],
  [
    "N noitems",
    states("  - {Type: Map, Name: A, Processor: {StartAt: P, States: [{Type: Succeed, Name: P}]}, End: true}"),
  ],
  ["N noproc", states("  - {Type: Map, Name: A, ItemsPath: $Input.a, End: true}")],
  [
    "N maxconc",
    states(
      "  - {Type: Map, Name: A, ItemsPath: $Input.a, MaxConcurrency: 41, Processor: {StartAt: P, States: [{Type: Succeed, Name: P}]}, End: true}",
    ),
  ],
  [
    "N badpath",
    states(
      "  - {Type: Map, Name: A, ItemsPath: 'foo bar', Processor: {StartAt: P, States: [{Type: Succeed, Name: P}]}, End: true}",
    ),
  ],
  ["N noend", states("  - {Type: Pass, Name: A}")],
  ["N both", states(`  - {Type: Pass, Name: A, End: true, Next: Z}\n  - ${END}`)],
  ["N endfalse", states("  - {Type: Pass, Name: A, End: false}")],
  [
    "N choice next",
    states(
      `  - {Type: Choice, Name: A, Branches: [{Condition: '$Input.a == 1', Next: Z}], Default: Z, Next: Z}\n  - ${END}`,
    ),
  ],
  [
    "N choice end",
    states(
      "  - {Type: Choice, Name: A, Branches: [{Condition: '$Input.a == 1', Next: Z}], Default: Z, End: true}\n  - " +
        END,
    ),
  ],
  ["cond bad", steps("  - {type: choice, name: c, choices: [{condition: '$.a ==', goto: c}]}")],
  ["cond bad2", steps("  - {type: choice, name: c, choices: [{condition: '$.a = 1', goto: c}]}")],
  ["cond word", steps("  - {type: choice, name: c, choices: [{condition: 'a == 1', goto: c}]}")],
  [
    "N cond bad",
    states(`  - {Type: Choice, Name: A, Branches: [{Condition: '$Input.a ==', Next: Z}], Default: Z}\n  - ${END}`),
  ],
  [
    "N cond root",
    states(`  - {Type: Choice, Name: A, Branches: [{Condition: '$.a == 1', Next: Z}], Default: Z}\n  - ${END}`),
  ],
  ["N expr", states("  - {Type: Pass, Name: A, OutputConstructor: {a.$: '$Input.'}, End: true}")],
  ["N expr2", states("  - {Type: Pass, Name: A, OutputConstructor: {a.$: 'nofn(1)'}, End: true}")],
  ["N expr3", states("  - {Type: Pass, Name: A, OutputConstructor: {a.$: plain words}, End: true}")],
  ["N expr4", states("  - {Type: Pass, Name: A, OutputConstructor: {b: [{a.$: '$Foo.x'}]}, End: true}")],
  ["N expr num", states("  - {Type: Pass, Name: A, OutputConstructor: {a.$: 5}, End: true}")],
  ["N expr arity", states("  - {Type: Pass, Name: A, OutputConstructor: {a.$: length(1,2)}, End: true}")],
  ["N $Output in In", states("  - {Type: Pass, Name: A, InputConstructor: {a.$: $Output.x}, End: true}")],
  [
    "N nest 11",
    states(
      "  - {Type: Pass, Name: A, OutputConstructor: {a.$: '" +
        "toArray(".repeat(11) +
        "1" +
        ")".repeat(11) +
        "'}, End: true}",
    ),
  ],
  [
    "N param expr",
    states(
      "  - {Type: Task, Name: A, Action: 'HTTP:Request', Parameters: {url.$: '$Input..x y', method: GET}, End: true}",
    ),
  ],
  ["N global expr", states("  - {Type: Pass, Name: A, GlobalConstructor: {a.$: '((1'}, End: true}")],
  [
    "N catch expr",
    states(
      "  - {Type: Task, Name: A, Action: 'HTTP:Request', Parameters: {url: 'http://x', method: GET}, Catch: [{Errors: [FnF.ALL], Next: Z, OutputConstructor: {a.$: '1 +'}}], Next: Z}\n  - " +
        END,
    ),
  ],
  ["N sec 0", states("  - {Type: Wait, Name: A, Seconds: 0, End: true}")],
  ["N sec 301", states("  - {Type: Wait, Name: A, Seconds: 301, End: true}")],
  ["N sec none", states("  - {Type: Wait, Name: A, End: true}")],
  ["N sec expr", states("  - {Type: Wait, Name: A, Seconds.$: '1 +', End: true}")],
  [
    "N timeout",
    states(
      "  - {Type: Task, Name: A, Action: 'HTTP:Request', Timeout: 604801, Parameters: {url: 'http://x', method: GET}, End: true}",
    ),
  ],
  [
    "N timeout neg",
    states(
      "  - {Type: Task, Name: A, Action: 'HTTP:Request', Timeout: -1, Parameters: {url: 'http://x', method: GET}, End: true}",
    ),
  ],
  [
    "N interval",
    states(
      "  - {Type: Task, Name: A, Action: 'HTTP:Request', Parameters: {url: 'http://x', method: GET}, Retry: [{Errors: [X], MaxAttempts: 1, IntervalSeconds: 86401}], End: true}",
    ),
  ],
  [
    "N retry no max",
    states(
      "  - {Type: Task, Name: A, Action: 'HTTP:Request', Parameters: {url: 'http://x', method: GET}, Retry: [{Errors: [X], IntervalSeconds: 1}], End: true}",
    ),
  ],
  [
    "N retry no int",
    states(
      "  - {Type: Task, Name: A, Action: 'HTTP:Request', Parameters: {url: 'http://x', method: GET}, Retry: [{Errors: [X], MaxAttempts: 1}], End: true}",
    ),
  ],
  [
    "N retry no err",
    states(
      "  - {Type: Task, Name: A, Action: 'HTTP:Request', Parameters: {url: 'http://x', method: GET}, Retry: [{MaxAttempts: 1, IntervalSeconds: 1}], End: true}",
    ),
  ],
  [
    "N catch no next",
    states(
      "  - {Type: Task, Name: A, Action: 'HTTP:Request', Parameters: {url: 'http://x', method: GET}, Catch: [{Errors: [X]}], End: true}",
    ),
  ],
  [
    "N catch next none",
    states(
      "  - {Type: Task, Name: A, Action: 'HTTP:Request', Parameters: {url: 'http://x', method: GET}, Catch: [{Errors: [X], Next: Q}], End: true}",
    ),
  ],
  [
    "interval",
    steps("  - {type: task, name: t, resourceArn: 'acs:fnf:::flow/x', retry: [{errors: [A], intervalSeconds: 86401}]}"),
  ],
  [
    "maxinterval",
    steps(
      "  - {type: task, name: t, resourceArn: 'acs:fnf:::flow/x', retry: [{errors: [A], maxIntervalSeconds: 86401}]}",
    ),
  ],
  [
    "maxAttempts",
    steps("  - {type: task, name: t, resourceArn: 'acs:fnf:::flow/x', retry: [{errors: [A], maxAttempts: -1}]}"),
  ],
  ["timeoutSeconds", steps("  - {type: task, name: t, resourceArn: 'acs:fnf:::flow/x', timeoutSeconds: -1}")],
  [
    "N 51 branches",
    states(
      "  - {Type: Parallel, Name: A, Branches: [" +
        Array.from({ length: 51 }, () => "{StartAt: P, States: [{Type: Succeed, Name: P}]}").join(", ") +
        "], End: true}",
    ),
  ],
  [
    "101 branches",
    steps(
      "  - {type: parallel, name: p, branches: [" +
        Array.from({ length: 101 }, () => "{steps: [{type: pass, name: a}]}").join(", ") +
        "]}",
    ),
  ],
  ["mapping notarget", steps("  - {type: pass, name: a, outputMappings: [{source: 1}]}")],
  ["mapping nosource", steps("  - {type: pass, name: a, outputMappings: [{target: x}]}")],
  ["mapping map", steps("  - {type: pass, name: a, outputMappings: {x: 1}}")],
  ["mapping path", steps("  - {type: pass, name: a, outputMappings: [{target: x, source: '$input.a[' }]}")],
  [
    "errormap src",
    steps(
      "  - {type: task, name: t, resourceArn: 'acs:fnf:::flow/x', errorMappings: [{target: a, source: $local.other[}]}",
    ),
  ],
  [
    "coll path",
    steps("  - {type: foreach, name: f, iterationMapping: {collection: abc, item: b}, steps: [{type: pass, name: a}]}"),
  ],
  ["N ctor list", states("  - {Type: Pass, Name: A, OutputConstructor: [1], End: true}")],
  ["N ctor text", states("  - {Type: Pass, Name: A, OutputConstructor: $Input, End: true}")],
  ["dup keys", "type: flow\ntype: flow\nsteps: [{type: pass, name: a}]"],
  ["end text", steps("  - {type: pass, name: a, end: maybe}")],
];
export const REFUSED_EXPRESS: readonly (readonly [string, string])[] = [
  ["wait 21", states("  - {Type: Wait, Name: A, Seconds: 21, End: true}")],
  [
    "cb",
    states(
      "  - {Type: Task, Name: A, Action: 'HTTP:Request', TaskMode: WaitForCustomCallback, Parameters: {url: 'http://x', method: GET}, End: true}",
    ),
  ],
  [
    "sys",
    states(
      "  - {Type: Task, Name: A, Action: 'FNF:StartExecution', TaskMode: WaitForSystemCallback, Parameters: {resourceArn: 'acs:fnf:::flow/x'}, End: true}",
    ),
  ],
  ["old sync", steps("  - {type: task, name: t, resourceArn: 'acs:fnf:::flow/x', pattern: sync}")],
  ["old cb", steps("  - {type: task, name: t, resourceArn: 'acs:fnf:::flow/x', pattern: waitForCallback}")],
];
export const TAKEN: readonly (readonly [string, string, string?])[] = [
  ["fail end", states("  - {Type: Fail, Name: A, End: true}")],
  ["succeed next?", states("  - {Type: Succeed, Name: A}")],
  [
    "choice nodefault",
    steps("  - {type: choice, name: c, choices: [{condition: '$.a == 1', goto: c2}]}\n  - {type: pass, name: c2}"),
  ],
  ["version v1beta1", "version: v1beta1\ntype: flow\nsteps: [{type: pass, name: a}]"],
  ["noversion", "type: flow\nsteps: [{type: pass, name: a}]"],
  ["name differs", "type: flow\nname: zzz\nsteps: [{type: pass, name: a}]"],
  ["unknown fields", states("  - {Type: Pass, Name: A, Foo: bar, Comment: x, End: true}")],
  ["desc", states("  - {Type: Wait, Name: A, Description: d, Seconds: 300, End: true}")],
  [
    "50 branches",
    states(
      "  - {Type: Parallel, Name: A, Branches: [" +
        Array.from({ length: 50 }, () => "{StartAt: P, States: [{Type: Succeed, Name: P}]}").join(", ") +
        "], End: true}",
    ),
  ],
  [
    "timeout 0",
    states(
      "  - {Type: Task, Name: A, Action: 'HTTP:Request', Timeout: 0, Parameters: {url: 'http://x', method: GET}, End: true}",
    ),
  ],
  [
    "timeout max",
    states(
      "  - {Type: Task, Name: A, Action: 'HTTP:Request', Timeout: 604800, Parameters: {url: 'http://x', method: GET}, End: true}",
    ),
  ],
  [
    "fc",
    states(
      "  - {Type: Task, Name: A, Action: 'FC:InvokeFunction', TaskMode: WaitForSystemCallback, Parameters: {resourceArn: 'acs:fc:cn:1:functions/f/LATEST', invocationType: Async, body: {a: 1}}, End: true}",
    ),
  ],
  [
    "fc old",
    steps("  - {type: task, name: t, resourceArn: 'acs:fc:::services/s.q/functions/f', pattern: waitForCallback}"),
  ],
  ["fc old v3", steps("  - {type: task, name: t, resourceArn: 'acs:fc:cn-hangzhou:123:functions/f'}")],
  [
    "mns q",
    steps(
      "  - {type: task, name: t, resourceArn: 'acs:mns:::/queues/q/messages', pattern: waitForCallback, serviceParams: {MessageBody: $, Priority: 1}}",
    ),
  ],
  [
    "mns no slash",
    steps("  - {type: task, name: t, resourceArn: 'acs:mns:::topics/q/messages', serviceParams: {MessageBody: $.b}}"),
  ],
  ["wait 2d", steps("  - {type: wait, name: w, duration: 172800}")],
  ["express wait 20", states("  - {Type: Wait, Name: A, Seconds: 20, End: true}"), "Express"],
  ["ts quoted", steps("  - {type: wait, name: w, timestamp: '2018-04-26T08:29:58Z'}")],
  ["ts offset", steps("  - {type: wait, name: w, timestamp: '2018-04-26T08:29:58.5+08:00'}")],
  ["yaml anchors", "type: flow\nsteps:\n  - &a {type: pass, name: a}\n  - {<<: *a, name: b}"],
  ["crlf", "type: flow\r\nsteps:\r\n  - type: pass\r\n    name: a\r\n"],
  ["bom", "\uFEFFtype: flow\nsteps:\n  - type: pass\n    name: a\n"],
  ["doc marker", "---\ntype: flow\nsteps:\n  - type: pass\n    name: a\n...\n"],
  ["bool cond", steps("  - {type: choice, name: c, choices: [{condition: true, steps: [{type: pass, name: a}]}]}")],
  [
    "multiplier 1.5",
    steps(
      "  - {type: task, name: t, resourceArn: 'acs:fnf:::flow/x', retry: [{errors: [FnF.ALL], multiplier: 1.5, maxAttempts: 0}]}",
    ),
  ],
  [
    "N backoff",
    states(
      "  - {Type: Task, Name: A, Action: 'HTTP:Request', Parameters: {url: 'http://x', method: GET}, Retry: [{Errors: [FnF.ALL], MaxAttempts: 3, IntervalSeconds: 1, BackoffRate: 1.5, MaxBackoffSeconds: 5, Description: d}], Catch: [{Errors: [A, B], Description: d, Next: Z}], End: true}\n  - " +
        END,
    ),
  ],
  [
    "hyphen path",
    steps("  - {type: choice, name: c, choices: [{condition: '$.my-key == 1', steps: [{type: pass, name: a}]}]}"),
  ],
  ["N hyphen path", states("  - {Type: Pass, Name: A, OutputConstructor: {a.$: $Input.my-key}, End: true}")],
  [
    "errors text",
    states(
      "  - {Type: Task, Name: A, Action: 'HTTP:Request', Parameters: {url: 'http://x', method: GET}, Retry: [{Errors: [FnF.ALL], MaxAttempts: 0, IntervalSeconds: 0}], End: true}",
    ),
  ],
  [
    "succeed End+ctor",
    states("  - {Type: Succeed, Name: A, InputConstructor: {a: 1}, OutputConstructor: {b: 2}, End: true}"),
  ],
  [
    "tabs json",
    JSON.stringify(
      { Type: "StateMachine", StartAt: "A", States: [{ Type: "Pass", Name: "A", End: true }] },
      null,
      "\t",
    ),
  ],
  [
    "long json key",
    JSON.stringify({
      Type: "StateMachine",
      StartAt: "A",
      States: [
        {
          Type: "Pass",
          Name: "A",
          End: true,
          Description: "x".repeat(5000),
          OutputConstructor: { ["k".repeat(1500)]: 1 },
        },
      ],
    }),
  ],
  ["1 line json", JSON.stringify({ type: "flow", version: "v1", steps: [{ type: "pass", name: "a" }] })],
];
