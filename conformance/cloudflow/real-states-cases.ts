/**
 * Flows of the new language as their users write them, many features in one; what they must give is told by hand from
 * cloudflow.md 6. Functions, the called server and the queue are those of real-flows.test.ts.
 */
import type { FlowCase } from "./steps-cases.ts";

export const REAL_STATES: readonly FlowCase[] = [
  {
    name: "video_edit",
    about: "function after function, the first input asked for again",
    flow: `
Type: StateMachine
Name: video_edit
SpecVersion: v1
StartAt: 视频理解
States:
  - Type: Task
    Name: 视频理解
    Action: FC:InvokeFunction
    TaskMode: RequestComplete
    Parameters:
      invocationType: Sync
      resourceArn: acs:fc:cn-shanghai:123:functions/echo/LATEST
      body:
        videoContent.$: format("about {}", $Input.videoUrl)
    OutputConstructor:
      returnID.$: uuid()
      videoContent.$: $Output.videoContent
    Next: 一键成片
  - Type: Task
    Name: 一键成片
    Action: FC:InvokeFunction
    TaskMode: RequestComplete
    Parameters:
      invocationType: Sync
      resourceArn: acs:fc:cn-shanghai:123:functions/echo/LATEST
      body:
        videoUrl.$: $Context.Execution.Input.videoUrl
        speech.$: $Input.videoContent
    OutputConstructor:
      outputUrl.$: $Output.videoUrl
      speech.$: $Output.speech
    Next: Succeed
  - Type: Succeed
    Name: Succeed
    End: true
`,
    input: { videoUrl: "https://a/b.mp4" },
    output: { outputUrl: "https://a/b.mp4", speech: "about https://a/b.mp4" },
  },
  {
    name: "video_edit_envelope",
    about: "flows written for the service read the answer of a function under Body",
    flow: `
Type: StateMachine
SpecVersion: v1
StartAt: T
States:
  - Type: Task
    Name: T
    Action: FC:InvokeFunction
    TaskMode: RequestComplete
    Parameters:
      invocationType: Sync
      resourceArn: acs:fc:cn-shanghai:123:functions/echo/LATEST
      body: {a: {b: 1}}
    OutputConstructor:
      b.$: $Output.Body.a.b
      whole.$: $Output.Body
      through.$: $Context.Current.Output.Body.a
      bare.$: $Output.a.b
    End: true
`,
    input: {},
    output: { b: 1, whole: { a: { b: 1 } }, through: { b: 1 }, bare: 1 },
  },
  {
    name: "poll_http_job",
    about: "a loop of HTTP:Request, Choice and Wait that counts in $Global",
    flow: `
Type: StateMachine
SpecVersion: v1
Name: poll_http_job
StartAt: Begin
States:
  - Type: Pass
    Name: Begin
    GlobalConstructor:
      polls: 0
      job.$: $Input.job
    Next: Ask
  - Type: Task
    Name: Ask
    Action: HTTP:Request
    Parameters:
      url.$: format("{}poll?job={}", $Context.Execution.Input.base, $Global.job)
      method: GET
    OutputConstructor:
      job.$: stringToJson($Output.Body)
      code.$: $Output.Code
    GlobalConstructor:
      polls.$: intAdd($Global.polls, 1)
    Next: Ready?
  - Type: Choice
    Name: Ready?
    Branches:
      - Condition: $Input.code == 200 && $Input.job.Status == "DONE"
        Next: Done
      - Condition: $Global.polls >= 10
        Next: TooLong
    Default: Pause
  - Type: Wait
    Name: Pause
    Seconds: 1
    Next: Ask
  - Type: Fail
    Name: TooLong
    Code: JobTooLong
    Detail: polled ten times
  - Type: Succeed
    Name: Done
    OutputConstructor:
      polls.$: $Global.polls
      result.$: $Input.job.Result
`,
    input: { base: "URL", job: "j2" },
    output: { polls: 2, result: 42 },
  },
  {
    name: "fan_out_fan_in",
    about: "Map with functions, each result merged with its item, then summed in a function",
    flow: `
Type: StateMachine
SpecVersion: v1
StartAt: Each
States:
  - Type: Map
    Name: Each
    InputConstructor:
      orders.$: $Input.orders
      rate.$: $Input.rate
    ItemsPath: $Input.orders
    MaxConcurrency: 2
    Processor:
      StartAt: Price
      States:
        - Type: Task
          Name: Price
          Action: FC:InvokeFunction
          Parameters:
            resourceArn: acs:fc:cn-hangzhou:1:functions/double
            invocationType: Sync
            body:
              n.$: $Input.amount
          OutputConstructor:
            order.$: jsonMerge($Input, {"price":$Output.doubled})
          Next: Check
        - Type: Choice
          Name: Check
          Branches:
            - Condition: $Input.order.price > 100
              Next: Dear
          Default: Cheap
        - Type: Succeed
          Name: Dear
          OutputConstructor:
            id.$: $Input.order.id
            price.$: $Input.order.price
            dear: true
        - Type: Pass
          Name: Cheap
          OutputConstructor:
            id.$: $Input.order.id
            price.$: $Input.order.price
          End: true
    OutputConstructor:
      orders.$: $Output.Items
      ids.$: $Output.Items[*].id
      rate.$: $Input.rate
    Next: Sum
  - Type: Pass
    Name: Sum
    OutputConstructor:
      total.$: intAdd($Input.orders[0].price, $Input.orders[1].price)
      ids.$: $Input.ids
      orders.$: $Input.orders
      rate.$: $Input.rate
    End: true
`,
    input: {
      rate: 2,
      orders: [
        { id: "o1", amount: 10 },
        { id: "o2", amount: 60 },
      ],
    },
    output: {
      total: 140,
      ids: ["o1", "o2"],
      orders: [
        { id: "o1", price: 20 },
        { id: "o2", price: 120, dear: true },
      ],
      rate: 2,
    },
  },
  {
    name: "approval_yes",
    about: "HTTP:Request that waits; the called server reports on its own",
    flow: `
Type: StateMachine
SpecVersion: v1
StartAt: Approve
States:
  - Type: Task
    Name: Approve
    Description: A person looks at it.
    Action: HTTP:Request
    TaskMode: WaitForCustomCallback
    Timeout: 3600
    Parameters:
      url.$: format("{}approve", $Input.base)
      method: post
      headers:
        Content-Type: application/json
      body:
        who.$: $Input.who
        token.$: $Context.Current.TaskToken
    OutputConstructor:
      by.$: $Output.by
      sameToken.$: $Output.token == $Context.Current.TaskToken
    GlobalConstructor:
      approvedBy.$: $Output.by
    Next: Wait
  - Type: Wait
    Name: Wait
    Seconds.$: length(toArray($Input))
    Next: End
  - Type: Pass
    Name: End
    InputConstructor:
      again.$: $Global.approvedBy
      by.$: $Input.by
      sameToken.$: $Input.sameToken
    End: true
`,
    input: { base: "URL", who: "ann" },
    output: { again: "ann", by: "ann", sameToken: true },
  },
  {
    name: "approval_no",
    flow: `
Type: StateMachine
SpecVersion: v1
StartAt: Approve
States:
  - Type: Task
    Name: Approve
    Action: HTTP:Request
    TaskMode: WaitForCustomCallback
    Parameters:
      url.$: format("{}reject", $Input.base)
      method: POST
      body.$: jsonMerge({"reason":"too dear"}, $Input)
    Retry:
      - Errors: [Busy]
        MaxAttempts: 3
        IntervalSeconds: 1
    Catch:
      - Errors: [Busy, FnF.TaskTimeout]
        Next: Lost
      - Errors: [Rejected]
        Next: Tell
        OutputConstructor:
          why.$: $Context.Current.Error.Detail
          tries.$: $Context.Current.RetryCount
          who.$: $Input.who
          state.$: $Context.Current.Name
    Next: Lost
  - Type: Fail
    Name: Lost
    Code: Lost
    Detail: never
  - Type: Choice
    Name: Tell
    Branches:
      - Condition: $Input.why == "too dear" && $Input.tries == 0
        Next: Told
    Default: Lost
  - Type: Succeed
    Name: Told
`,
    input: { base: "URL", who: "bob" },
    output: { why: "too dear", tries: 0, who: "bob", state: "Approve" },
  },
  {
    name: "parallel_catches_within",
    about: "a branch that catches for itself does not fail the others",
    flow: `
Type: StateMachine
SpecVersion: v1
StartAt: Both
States:
  - Type: Parallel
    Name: Both
    Branches:
      - StartAt: Book
        States:
          - Type: Task
            Name: Book
            Action: FC:InvokeFunction
            Parameters:
              resourceArn: acs:fc:::services/holiday.LATEST/functions/book
              invocationType: Sync
              body: {what: car, broken: car}
            Catch:
              - Errors: [BookError]
                OutputConstructor: {booked: null, error.$: $Context.Current.Error.Code}
                Next: None
            End: true
          - {Type: Pass, Name: None, End: true}
      - StartAt: Book
        States:
          - Type: Task
            Name: Book
            Action: FC:InvokeFunction
            Parameters:
              resourceArn: acs:fc:::services/holiday.LATEST/functions/book
              invocationType: Sync
              body: {what: train}
            End: true
    OutputConstructor:
      results.$: toArray($Output.Branch0, $Output.Branch1)
      first.$: $Output.Branch0.error
    End: true
`,
    input: {},
    output: { results: [{ booked: null, error: "BookError" }, { booked: "train-1" }], first: "BookError" },
  },
  {
    name: "retries_parallel_of_functions",
    flow: `
Type: StateMachine
SpecVersion: v1
StartAt: P
States:
  - Type: Parallel
    Name: P
    Branches:
      - StartAt: Count
        States:
          - Type: Pass
            Name: Count
            GlobalConstructor:
              tries.$: '$Global.tries == nil ? 1 : $Global.tries + 1'
            Next: Enough
          - Type: Choice
            Name: Enough
            Branches: [{Condition: '$Global.tries > 2', Next: OK}]
            Default: Again
          - {Type: Fail, Name: Again, Code: NotYet, Detail: again}
          - {Type: Succeed, Name: OK, OutputConstructor: {tries.$: $Global.tries}}
    Retry:
      - Errors: [Other]
        MaxAttempts: 9
        IntervalSeconds: 1
      - Errors: [NotYet]
        Description: thrice
        MaxAttempts: 5
        IntervalSeconds: 1
        BackoffRate: 1
        MaxBackoffSeconds: 1
    OutputConstructor:
      tries.$: $Output.Branch0.tries
      retries.$: $Context.Current.RetryCount
    End: true
`,
    input: {},
    output: { tries: 3, retries: 2 },
  },
  {
    name: "retries_used_up",
    flow: `
Type: StateMachine
SpecVersion: v1
StartAt: T
States:
  - Type: Task
    Name: T
    Action: FNF:StartExecution
    TaskMode: WaitForSystemCallback
    Parameters:
      resourceArn: acs:fnf:cn-hangzhou:1:flow/child_old
      input: {fail: true}
    Retry:
      - Errors: [Kaboom]
        MaxAttempts: 2
        IntervalSeconds: 0
    Catch:
      - Errors: [FnF.ALL]
        Next: End
        OutputConstructor:
          code.$: $Context.Current.Error.Code
          detail.$: $Context.Current.Error.Detail
          retries.$: $Context.Current.RetryCount
    Next: End
  - Type: Succeed
    Name: End
`,
    input: {},
    output: { code: "Kaboom", detail: "child said", retries: 2 },
  },
  {
    name: "sub_flow_new_style",
    about: "a child of the new language, its output the result",
    flow: `
Type: StateMachine
SpecVersion: v1
StartAt: Sub
States:
  - Type: Task
    Name: Sub
    Action: FNF:StartExecution
    TaskMode: WaitForSystemCallback
    Parameters:
      resourceArn.$: format("acs:fnf:::flow/{}", $Input.flow)
      executionName.$: format("of-{}", $Context.Execution.Name)
      input.$: jsonMerge($Input.data, {"from":$Context.Current.Name})
    OutputConstructor:
      answer.$: $Output
      keys.$: mapKeys($Output)
    End: true
`,
    input: { flow: "child_new", data: { v: 7 } },
    output: { answer: { got: { v: 7, from: "Sub" } }, keys: ["got"] },
  },
  {
    name: "constructors_nest",
    flow: `
Type: StateMachine
SpecVersion: v1
StartAt: A
States:
  - Type: Pass
    Name: A
    InputConstructor:
      list:
        - plain
        - v.$: $Input.a
        - [1, {w.$: 'toArray($Input.a, "x")'}]
      nested:
        deep:
          deeper.$: $Input.b.c[0]
          text: $Input.b
          number: 1.5
          flag: false
          nothing: null
          empty: {}
    OutputConstructor:
      in.$: $Input
      name.$: $Context.Current.Name
      same.$: $Context.Current.Input.list[0]
      template.$:
        x: $Input.nested.deep.number
        y: [$Input.nested.deep.flag, text]
        z: {q.$: length($Input.list)}
    End: true
`,
    input: { a: "A", b: { c: ["C"] } },
    output: {
      in: {
        list: ["plain", { v: "A" }, [1, { w: ["A", "x"] }]],
        nested: { deep: { deeper: "C", text: "$Input.b", number: 1.5, flag: false, nothing: null, empty: {} } },
      },
      name: "A",
      same: "plain",
      template: { x: 1.5, y: [false, "text"], z: { q: 3 } },
    },
  },
  {
    name: "globals_between_states",
    about: "OutputConstructor sees $Global before the state's own GlobalConstructor; the merge is shallow",
    flow: `
Type: StateMachine
SpecVersion: v1
StartAt: A
States:
  - Type: Pass
    Name: A
    GlobalConstructor: {user: {name: ann, age: 3}, n: 1}
    Next: B
  - Type: Wait
    Name: B
    Seconds: 1
    OutputConstructor: {before.$: $Global.n, name.$: $Global.user.name}
    GlobalConstructor: {user: {age: 4}, n.$: 'intAdd($Global.n, 1)'}
    Next: C
  - Type: Choice
    Name: C
    Branches: [{Condition: $Global.n == 2, Next: D}]
    Default: F
    OutputConstructor: {before.$: $Input.before, name.$: $Input.name, n.$: $Global.n}
    GlobalConstructor: {fromChoice.$: $Output.before}
  - Type: Fail
    Name: F
  - Type: Map
    Name: D
    ItemsPath: toArray({"i":1})
    Processor:
      StartAt: M
      States:
        - Type: Pass
          Name: M
          OutputConstructor: {user.$: $Global.user, i.$: $Input.i}
          GlobalConstructor: {fromMap.$: $Input.i}
          End: true
    OutputConstructor: {in.$: $Input, items.$: $Output.Items}
    Next: E
  - Type: Succeed
    Name: E
    OutputConstructor: {in.$: $Input.in, items.$: $Input.items, global.$: $Global}
`,
    input: {},
    output: {
      in: { before: 1, name: "ann", n: 2 },
      items: [{ user: { age: 4 }, i: 1 }],
      global: { user: { age: 4 }, n: 2, fromChoice: 1, fromMap: 1 },
    },
  },
  {
    name: "map_in_map",
    flow: `
Type: StateMachine
SpecVersion: v1
StartAt: Outer
States:
  - Type: Map
    Name: Outer
    ItemsPath: $Input.rows
    Processor:
      StartAt: Inner
      States:
        - Type: Map
          Name: Inner
          ItemsPath: $Input.cells
          MaxConcurrency: 1
          Processor:
            StartAt: Cell
            States:
              - Type: Pass
                Name: Cell
                OutputConstructor: {v.$: 'intAdd($Input.n, $Context.Execution.Input.add)'}
                End: true
          OutputConstructor: {row.$: '$Output.Items[*].v', name.$: $Input.name}
          End: true
    OutputConstructor:
      rows.$: $Output.Items[*].row
      flat.$: $Output.Items[*].row[*]
      names.$: $Output.Items[*].name
    End: true
`,
    input: {
      add: 10,
      rows: [
        { name: "r1", cells: [{ n: 1 }, { n: 2 }] },
        { name: "r2", cells: [] },
      ],
    },
    output: { rows: [[11, 12], []], flat: [11, 12], names: ["r1", "r2"] },
  },
  {
    name: "http_errors_by_code",
    about: "any answer is a result; a Choice tells them apart",
    flow: `
Type: StateMachine
SpecVersion: v1
StartAt: Call
States:
  - Type: Task
    Name: Call
    Action: HTTP:Request
    Parameters:
      method: DELETE
      url.$: format("{}status/{}", $Input.base, $Input.code)
    OutputConstructor: {code.$: $Output.Code, body.$: $Output.Body}
    Next: Route
  - Type: Choice
    Name: Route
    Branches:
      - {Condition: $Input.code >= 500, Next: Server}
      - {Condition: $Input.code >= 400 && $Input.code < 500, Next: Client}
    Default: Fine
  - {Type: Fail, Name: Server, Code: ServerError, Detail: five hundred}
  - {Type: Pass, Name: Client, OutputConstructor: {client.$: $Input.code, body.$: $Input.body}, End: true}
  - {Type: Succeed, Name: Fine}
`,
    input: { base: "URL", code: 418 },
    output: { client: 418, body: "status 418" },
  },
  {
    name: "http_errors_by_code_500",
    flow: `
Type: StateMachine
SpecVersion: v1
StartAt: Call
States:
  - Type: Task
    Name: Call
    Action: HTTP:Request
    Parameters: {method: Delete, url.$: 'format("{}status/{}", $Input.base, $Input.code)'}
    Next: Route
  - Type: Choice
    Name: Route
    Branches: [{Condition: $Input.Code >= 500, Next: Server}]
    Default: Fine
  - {Type: Fail, Name: Server, Code: ServerError, Detail: five hundred}
  - {Type: Succeed, Name: Fine}
`,
    input: { base: "URL", code: 503 },
    status: "Failed",
    error: "ServerError",
  },
  {
    name: "json_flow",
    about: "a definition in JSON",
    flow: JSON.stringify({
      Type: "StateMachine",
      SpecVersion: "v1",
      StartAt: "Hash",
      States: [
        {
          Type: "Pass",
          Name: "Hash",
          OutputConstructor: {
            "md5.$": 'hash($Input.text, "MD5")',
            "b64.$": "toBase64($Input.text)",
            "back.$": "fromBase64(toBase64($Input.text))",
            "parts.$": 'split($Input.text, "b")',
            "json.$": "jsonToString($Input)",
            "parsed.$": 'stringToJson("{\\"a\\": [1, 2]}").a[1]',
            "has.$": 'arrayContains(split("a,b", ","), "b")',
            "values.$": "mapValues($Input)",
            "regex.$": 'regexMatchString("^a.c$", $Input.text)',
            "sum.$": "intAdd(length($Input.text), 1)",
            "merged.$": 'jsonMerge($Input, {"x": {"y": $Input.text}})',
          },
          Next: "End",
        },
        { Type: "Succeed", Name: "End" },
      ],
    }),
    input: { text: "abc" },
    output: {
      md5: "900150983cd24fb0d6963f7d28e17f72",
      b64: "YWJj",
      back: "abc",
      parts: ["a", "c"],
      json: '{"text":"abc"}',
      parsed: 2,
      has: true,
      values: ["abc"],
      regex: true,
      sum: 4,
      merged: { text: "abc", x: { y: "abc" } },
    },
  },
  {
    name: "express_pipeline",
    express: true,
    about: "Express: functions, a Map, a short Wait, an error caught",
    flow: `
Type: StateMachine
SpecVersion: v1
StartAt: Each
States:
  - Type: Map
    Name: Each
    ItemsPath: $Input.numbers
    Processor:
      StartAt: Double
      States:
        - Type: Task
          Name: Double
          Action: FC:InvokeFunction
          Parameters:
            resourceArn: acs:fc:cn-hangzhou:1:functions/double/LATEST
            invocationType: Sync
            body: {n.$: $Input.n}
          Catch: [{Errors: [TooBig], Next: Big, OutputConstructor: {doubled: -1}}]
          End: true
        - {Type: Wait, Name: Big, Seconds: 1, End: true}
    OutputConstructor: {doubled.$: '$Output.Items[*].doubled'}
    End: true
`,
    input: { numbers: [{ n: 2 }, { n: 200 }] },
    output: { doubled: [4, -1] },
  },
  {
    name: "express_fails",
    express: true,
    flow: `
Type: StateMachine
SpecVersion: v1
StartAt: T
States:
  - Type: Task
    Name: T
    Action: FC:InvokeFunction
    Parameters: {resourceArn: 'acs:fc:::functions/double', invocationType: Sync, body: {n: 200}}
    End: true
`,
    input: {},
    status: "Failed",
    error: "TooBig",
  },
  {
    name: "fail_in_map_fails_the_flow",
    flow: `
Type: StateMachine
SpecVersion: v1
StartAt: M
States:
  - Type: Map
    Name: M
    ItemsPath: $Input.items
    Processor:
      StartAt: C
      States:
        - Type: Choice
          Name: C
          Branches: [{Condition: '!("ok" in $Input)', Next: F}]
          Default: S
        - {Type: Fail, Name: F, Code.$: 'format("Bad-{}", $Input.id)', Detail: no ok}
        - {Type: Succeed, Name: S}
    Next: Never
  - {Type: Succeed, Name: Never}
`,
    input: { items: [{ ok: 1 }, { id: 7 }] },
    status: "Failed",
    error: "Bad-7",
  },
  {
    name: "timeout_and_retry",
    about: "each attempt has its own Timeout; the error can be retried by name",
    flow: `
Type: StateMachine
SpecVersion: v1
StartAt: T
States:
  - Type: Task
    Name: T
    Action: FNF:StartExecution
    TaskMode: WaitForSystemCallback
    Timeout.$: $Input.seconds
    Parameters:
      resourceArn: acs:fnf:::flow/child_wait
    Retry: [{Errors: [FnF.TaskTimeout], MaxAttempts: 1, IntervalSeconds: 1}]
    Catch: [{Errors: [FnF.TaskTimeout], Next: S, OutputConstructor: {n.$: $Context.Current.RetryCount, c.$: $Context.Current.Error.Code}}]
    End: true
  - {Type: Succeed, Name: S}
`,
    input: { seconds: 1 },
    output: { n: 1, c: "FnF.TaskTimeout" },
  },
  {
    name: "on_errors_form",
    about: "the form of December 2023",
    flow: `
Type: StateMachine
SpecVersion: v1
StartAt: T
States:
  - Type: Task
    Name: T
    Action: FC:InvokeFunction
    Parameters: {resourceArn: 'acs:fc:::functions/book', invocationType: Sync, body: {what: a, broken: a}}
    OnErrors:
      - Errors: [BookError]
        Retry: {MaxAttempts: 1, FixedBackoff: 1, Multiplier: 2}
        Next: S
        OutputConstructor: {code.$: $Context.Current.Error.Code}
      - Errors: [FnF.ALL]
        Next: X
    End: true
  - {Type: Fail, Name: X}
  - {Type: Succeed, Name: S}
`,
    input: {},
    output: { code: "BookError" },
  },
  {
    name: "queue_message",
    flow: `
Type: StateMachine
SpecVersion: v1
StartAt: Send
States:
  - Type: Task
    Name: Send
    Action: MNS:SendMessage
    TaskMode: WaitForCustomCallback
    Parameters:
      queueName: approvals
      messageBody:
        taskToken.$: $Context.Current.TaskToken
        amount.$: $Input.amount
    End: true
`,
    input: { amount: 5 },
    output: { approved: true },
  },
  {
    name: "wait_by_expression",
    flow: `
Type: StateMachine
SpecVersion: v1
StartAt: W
States:
  - Type: Wait
    Name: W
    InputConstructor: {s.$: '$Input.list[0].seconds', kept.$: $Input.list}
    Seconds.$: $Input.s
    OutputConstructor: {kept.$: $Output.kept}
    End: true
`,
    input: { list: [{ seconds: 1 }] },
    output: { kept: [{ seconds: 1 }] },
  },
  {
    name: "choice_in_order",
    flow: `
Type: StateMachine
SpecVersion: v1
StartAt: C
States:
  - Type: Choice
    Name: C
    Branches:
      - {Condition: '$Input.missing == 1', Next: No}
      - {Condition: '$Input.n == "1"', Next: No}
      - {Condition: 'length($Input.tags) == 2 && arrayContains($Input.tags, "a") && !($Input.n > 1)', Next: Yes}
      - {Condition: 'true', Next: No}
    Default: No
  - {Type: Fail, Name: No, Code: No}
  - {Type: Pass, Name: Yes, OutputConstructor: {yes: true}, End: true}
`,
    input: { n: 1, tags: ["a", "b"] },
    output: { yes: true },
  },
  {
    name: "caught_input_is_the_constructed",
    about: "Catch without an OutputConstructor: Next gets the state's input",
    flow: `
Type: StateMachine
SpecVersion: v1
StartAt: T
States:
  - Type: Task
    Name: T
    InputConstructor: {made.$: $Input.raw}
    Action: FC:InvokeFunction
    Parameters: {resourceArn: 'acs:fc:::functions/book', invocationType: Sync, body: {what.$: $Input.made, broken.$: $Input.made}}
    Catch: [{Errors: [Other], Next: X}, {Errors: [FnF.ALL], Next: S}]
    Next: X
  - {Type: Fail, Name: X}
  - {Type: Succeed, Name: S}
`,
    input: { raw: "r" },
    output: { made: "r" },
  },
  {
    name: "runtime_error_is_caught",
    about: "a parameter that cannot be made fails the task, which can catch it",
    flow: `
Type: StateMachine
SpecVersion: v1
StartAt: T
States:
  - Type: Task
    Name: T
    Action: FC:InvokeFunction
    Parameters: {resourceArn: 'acs:fc:::functions/echo', invocationType: Sync, body: {n.$: 'intAdd($Input.n, 1)'}}
    Catch: [{Errors: [FnF.RuntimeError], Next: S, OutputConstructor: {code.$: $Context.Current.Error.Code}}]
    Next: X
  - {Type: Fail, Name: X}
  - {Type: Succeed, Name: S}
`,
    input: { n: "one" },
    output: { code: "FnF.RuntimeError" },
  },
  {
    name: "caught_without_output",
    about: "$Output where something was caught: nothing",
    flow: `
Type: StateMachine
StartAt: T
States:
  - Type: Task
    Name: T
    Action: FC:InvokeFunction
    Parameters: {resourceArn: 'acs:fc:::functions/book', invocationType: Sync, body: {what: a, broken: a}}
    Catch: [{Errors: [FnF.ALL], Next: S, OutputConstructor: {out.$: $Output, deep.$: $Output.a.b, in.$: $Input.x}}]
    End: true
  - {Type: Succeed, Name: S}
`,
    input: { x: 1 },
    output: { out: null, deep: null, in: 1 },
  },
  {
    name: "fail_with_a_number",
    flow: "Type: StateMachine\nStartAt: F\nStates: [{Type: Fail, Name: F, Code: 404, Detail: 5}]\n",
    input: {},
    status: "Failed",
    error: "404",
  },
  {
    name: "too_large_fails",
    about: "an output of more than 64 KiB",
    flow: `
Type: StateMachine
SpecVersion: v1
StartAt: A
States:
  - {Type: Pass, Name: A, OutputConstructor: {a.$: $Input.big, b.$: $Input.big, c.$: $Input.big}, End: true}
`,
    input: { big: "x".repeat(25_000) },
    status: "Failed",
  },
];
