/**
 * Flows of the old language as their users write them, many features in one; what they must give is told by hand from
 * cloudflow.md 5. Functions, the called server and the queue are those of real-flows.test.ts.
 */
import type { FlowCase } from "./steps-cases.ts";

export const REAL_STEPS: readonly FlowCase[] = [
  {
    name: "job_poller",
    about: "a loop by goto: the local of the sequence is kept over its rounds",
    flow: `
version: v1
type: flow
steps:
  - type: task
    name: StartJob
    resourceArn: acs:fc:{region}:{accountID}:services/fnf-demo/functions/tick
    inputMappings:
      - target: n
        source: 0
  - type: pass
    name: Init
    outputMappings:
      - target: tries
        source: 0
  - type: wait
    name: Wait10s
    duration: $.pause
  - type: task
    name: GetJobStatus
    resourceArn: acs:fc:::services/fnf-demo.LATEST/functions/tick
    inputMappings:
      - target: n
        source: $local.n
    retry:
      - errors: [FC.ResourceExhausted, FC.InternalServerError]
        intervalSeconds: 1
        maxAttempts: 5
  - type: choice
    name: CheckJobComplete
    inputMappings:
      - target: status
        source: $local.status
      - target: n
        source: $local.n
    choices:
      - condition: $.status == "done" && $.n >= 3
        goto: JobSucceeded
      - condition: $.status == "failed"
        goto: JobFailed
    default:
      goto: Wait10s
  - type: succeed
    name: JobSucceeded
    outputMappings:
      - target: finished
        source: $input.id
  - type: fail
    name: JobFailed
    error: StatusIsNotSucceeded
outputMappings:
  - target: n
    source: $local.n
  - target: finished
    source: $local.finished
  - target: tries
    source: $local.tries
`,
    input: { id: "j1", pause: 0 },
    output: { n: 3, finished: "j1", tries: 0 },
  },
  {
    name: "saga_compensates",
    about: "each step catches and goes to the compensation of what was done before",
    flow: `
version: v1beta1
type: flow
name: Holiday
steps:
  - type: task
    name: BookFlight
    resourceArn: acs:fc:cn-hangzhou:123456:services/holiday/functions/book
    inputMappings:
      - {target: what, source: flight}
      - {target: broken, source: $input.broken}
    outputMappings:
      - {target: flight, source: $local.booked}
    catch:
      - errors: [FnF.ALL]
        goto: OrderFailed
  - type: task
    name: BookHotel
    resourceArn: acs:fc:cn-hangzhou:123456:services/holiday/functions/book
    inputMappings:
      - {target: what, source: hotel}
      - {target: broken, source: $input.broken}
    outputMappings:
      - {target: hotel, source: $local.booked}
    errorMappings:
      - {target: reason, source: $local.error}
      - {target: details, source: $local.cause}
      - {target: wasThere, source: yes it was}
    retry:
      - errors: [FC.Unknown]
        maxAttempts: 2
      - errors: [BookError]
        intervalSeconds: 1
        maxAttempts: 1
        multiplier: 1.5
    catch:
      - errors: [BookError]
        goto: CancelFlight
    end: true
  - type: task
    name: CancelFlight
    resourceArn: acs:fc:cn-hangzhou:123456:services/holiday/functions/echo
    inputMappings:
      - {target: canceled, source: $local.flight}
    outputMappings:
      - {target: canceled, source: $local.canceled}
  - type: fail
    name: OrderFailed
    error: OrderFailed
`,
    input: { broken: "hotel" },
    status: "Failed",
    error: "OrderFailed",
  },
  {
    name: "saga_succeeds",
    flow: `
version: v1
type: flow
steps:
  - type: task
    name: BookFlight
    resourceArn: acs:fc:::services/holiday/functions/book
    inputMappings:
      - {target: what, source: flight}
    outputMappings:
      - {target: flight, source: $local.booked}
  - type: task
    name: BookHotel
    resourceArn: acs:fc:::services/holiday/functions/book
    inputMappings:
      - {target: what, source: hotel}
      - {target: broken, source: hotel}
    errorMappings:
      - {target: reason, source: $local.error}
      - {target: details, source: $local.cause}
    catch:
      - errors: [TooLate, BookError]
        goto: CancelFlight
    end: true
  - type: task
    name: CancelFlight
    resourceArn: acs:fc:::services/holiday/functions/echo
    inputMappings:
      - {target: canceled, source: $local.flight}
      - {target: because, source: $input.reason}
      - {target: becauseOf, source: $local.reason}
`,
    input: {},
    // errorMappings build the output of the caught step, which joins the parent's local.
    output: {
      flight: "flight-1",
      reason: "BookError",
      details: expectText(),
      canceled: "flight-1",
      because: null,
      becauseOf: "BookError",
    },
  },
  {
    name: "thumbnails",
    about: "foreach over images, each in two sizes at once; a choice inside",
    flow: `
version: v1
type: flow
steps:
  - type: foreach
    name: images
    iterationMapping:
      collection: $.images
      item: image
      index: nr
    steps:
      - type: choice
        name: kind
        choices:
          - condition: $.image.type == "gif" || $.image.size <= 0
            steps:
              - type: pass
                name: skip
                outputMappings:
                  - {target: skipped, source: true}
            goto: done
        default:
          goto: sizes
      - type: parallel
        name: sizes
        branches:
          - steps:
              - type: task
                name: small
                resourceArn: acs:fc:::services/img/functions/echo
                inputMappings:
                  - {target: key, source: $input.image.key}
                  - {target: width, source: 100}
          - steps:
              - type: task
                name: large
                resourceArn: acs:fc:::services/img/functions/echo
                inputMappings:
                  - {target: key, source: $input.image.key}
                  - {target: width, source: 1000}
        outputMappings:
          - {target: widths, source: "$local[*].width"}
          - {target: first, source: "$local[0].key"}
      - type: pass
        name: done
        outputMappings:
          - {target: nr, source: $input.nr}
    outputMappings:
      - {target: all, source: $local}
      - {target: allWidths, source: "$local[*].widths[*]"}
`,
    input: {
      images: [
        { key: "a", type: "png", size: 5 },
        { key: "b", type: "gif", size: 5 },
      ],
    },
    output: {
      all: [
        { widths: [100, 1000], first: "a", nr: 0 },
        { skipped: true, nr: 1 },
      ],
      allWidths: [100, 1000],
    },
  },
  {
    name: "message_waits",
    about: "a message with the token; who gets it reports",
    flow: `
version: v1
type: flow
steps:
  - type: task
    name: ask
    resourceArn: acs:mns:::/queues/approvals/messages
    pattern: waitForCallback
    timeoutSeconds: 3600
    inputMappings:
      - {target: taskToken, source: $context.task.token}
      - {target: amount, source: $input.amount}
    serviceParams:
      MessageBody: $
      Priority: 1
    outputMappings:
      - {target: approved, source: $local.approved}
      - {target: asked, source: $input.amount}
  - type: choice
    name: decide
    choices:
      - condition: $.approved && $.amount < 1000
        steps:
          - type: pass
            name: pay
            outputMappings:
              - {target: paid, source: $input.amount}
    default:
      steps:
        - type: fail
          name: refused
          error: Refused
          cause: nobody wants to pay
`,
    input: { amount: 99 },
    output: { approved: true, asked: 99, paid: 99 },
  },
  {
    name: "message_topic",
    flow: `
version: v1
type: flow
steps:
  - type: task
    name: tell
    resourceArn: acs:mns:::/topics/news/messages
    pattern: requestResponse
    inputMappings:
      - {target: text, source: $input.text}
    serviceParams:
      MessageBody: $.text
      MessageTag: important
    outputMappings:
      - {target: told, source: $input.text}
`,
    input: { text: "hi" },
    output: { told: "hi" },
  },
  {
    name: "report_failed_is_caught",
    flow: `
version: v1
type: flow
steps:
  - type: task
    name: ask
    resourceArn: acs:mns:::/queues/refusals/messages
    pattern: waitForCallback
    inputMappings:
      - {target: taskToken, source: $context.task.token}
    serviceParams:
      MessageBody: $
    errorMappings:
      - {target: error, source: $local.error}
      - {target: cause, source: $local.cause}
    catch:
      - errors: [FnF.TaskTimeout]
        goto: late
      - errors: [Refused]
        goto: no
    end: true
  - {type: fail, name: late, error: Late}
  - type: pass
    name: no
    outputMappings:
      - {target: answer, source: no}
      - {target: seen, source: $input.cause}
`,
    input: {},
    output: { error: "Refused", cause: "not today", answer: "no", seen: "not today" },
  },
  {
    name: "sub_flows_in_parallel",
    about: "sync children in branches; one fails, the step is caught under the child's error",
    flow: `
version: v1
type: flow
steps:
  - type: parallel
    name: both
    branches:
      - steps:
          - type: task
            name: one
            resourceArn: acs:fnf:{region}:{accountID}:flow/child_old
            pattern: sync
            serviceParams:
              Input:
                v: $.left
      - steps:
          - type: task
            name: two
            resourceArn: acs:fnf:::flow/child_old
            pattern: sync
            inputMappings:
              - {target: v, source: $input.right}
              - {target: fail, source: $input.breaks}
    catch:
      - errors: [Kaboom]
        goto: broken
    errorMappings:
      - {target: broke, source: $local.error}
    outputMappings:
      - {target: values, source: "$local[*].r"}
    end: true
  - type: pass
    name: broken
    outputMappings:
      - {target: values, source: []}
`,
    input: { left: 1, right: 2, breaks: false },
    output: { values: [1, 2] },
  },
  {
    name: "sub_flows_in_parallel_broken",
    flow: `
version: v1
type: flow
steps:
  - type: parallel
    name: both
    branches:
      - steps:
          - {type: wait, name: long, duration: 1000}
      - steps:
          - type: task
            name: two
            resourceArn: acs:fnf:::flow/child_old
            pattern: sync
            inputMappings:
              - {target: fail, source: $input.breaks}
    catch:
      - errors: [Kaboom]
        goto: broken
    errorMappings:
      - {target: broke, source: $local.error}
    end: true
  - type: pass
    name: broken
    outputMappings:
      - {target: why, source: $local}
      - {target: input, source: $input.broke}
`,
    input: { breaks: true },
    output: { broke: "Kaboom", why: {}, input: "Kaboom" },
  },
  {
    name: "nested_choices",
    about: "three levels; end in the innermost ends the sequence that the outermost stands in",
    flow: `
version: v1
type: flow
steps:
  - type: choice
    name: country
    choices:
      - condition: '$.country in ["DE", "FR"]'
        steps:
          - type: choice
            name: size
            choices:
              - condition: $.total >= 100
                steps:
                  - type: choice
                    name: vip
                    inputMappings:
                      - {target: customer, source: $input.customer}
                    choices:
                      - condition: '"vip" in $.customer'
                        steps:
                          - type: pass
                            name: free
                            outputMappings: [{target: shipping, source: 0}]
                            end: true
                    default:
                      steps:
                        - type: pass
                          name: paid
                          outputMappings: [{target: shipping, source: 5}]
          - type: pass
            name: tax
            outputMappings: [{target: tax, source: 0.19}]
    default:
      goto: abroad
  - type: pass
    name: label
    outputMappings: [{target: label, source: domestic}]
    end: true
  - type: pass
    name: abroad
    outputMappings: [{target: label, source: abroad}]
`,
    input: { country: "DE", total: 150, customer: { name: "x" } },
    output: { shipping: 5, tax: 0.19, label: "domestic" },
  },
  {
    name: "nested_choices_end",
    flow: `
version: v1
type: flow
steps:
  - type: choice
    name: a
    choices:
      - condition: $.n > 0
        steps:
          - type: choice
            name: b
            choices:
              - condition: $.n > 1
                steps:
                  - type: pass
                    name: c
                    outputMappings: [{target: c, source: true}]
                    end: true
                  - {type: pass, name: never, outputMappings: [{target: never, source: true}]}
          - type: pass
            name: afterB
            outputMappings: [{target: afterB, source: true}]
  - type: pass
    name: afterA
    outputMappings: [{target: afterA, source: true}]
`,
    input: { n: 2 },
    output: { c: true },
  },
  {
    name: "nested_choices_fall",
    flow: `
version: v1
type: flow
steps:
  - type: choice
    name: a
    choices:
      - condition: $.n > 0
        steps:
          - type: choice
            name: b
            choices:
              - condition: $.n > 1
                goto: afterB
          - type: pass
            name: between
            outputMappings: [{target: between, source: true}]
          - type: pass
            name: afterB
            outputMappings: [{target: afterB, source: true}]
        goto: afterA
  - {type: fail, name: no, error: No}
  - type: pass
    name: afterA
    outputMappings: [{target: saw, source: $input}]
`,
    input: { n: 1 },
    output: { between: true, afterB: true, saw: { n: 1, between: true, afterB: true } },
  },
  {
    name: "retry_then_catch_chain",
    about: "a step caught by another that fails and is caught in its turn",
    flow: `
version: v1
type: flow
steps:
  - type: task
    name: first
    resourceArn: acs:fc:::functions/book
    inputMappings: [{target: what, source: a}, {target: broken, source: a}]
    retry:
      - errors: [BookError]
        intervalSeconds: 1
        maxAttempts: 1
    errorMappings: [{target: first, source: $local.error}]
    catch: [{errors: [FnF.ALL], goto: second}]
    end: true
  - type: task
    name: second
    resourceArn: acs:fc:::functions/nobody/LATEST
    errorMappings: [{target: second, source: $local.error}]
    catch:
      - {errors: [FC.ResourceThrottled], goto: wrong}
      - {errors: [FC.FunctionNotFound, FC.ServiceNotFound], goto: third}
  - {type: fail, name: wrong}
  - type: foreach
    name: third
    iterationMapping: {collection: $.list, item: i}
    steps:
      - {type: fail, name: f, error: Inner, cause: c}
    errorMappings: [{target: third, source: $local.error}, {target: cause, source: $local.cause}]
    catch: [{errors: [Inner], goto: last}]
  - {type: pass, name: last, outputMappings: [{target: all, source: $input}]}
`,
    input: { list: [1] },
    output: {
      first: "BookError",
      second: "FC.FunctionNotFound",
      third: "Inner",
      cause: "c",
      all: { list: [1], first: "BookError", second: "FC.FunctionNotFound", third: "Inner", cause: "c" },
    },
  },
  {
    name: "function_gives_no_object",
    flow: `
version: v1
type: flow
steps:
  - type: task
    name: t
    resourceArn: acs:fc:::services/s/functions/number
    errorMappings: [{target: e, source: $local.error}]
    catch: [{errors: [FnF.InvalidLocal], goto: r}]
  - {type: fail, name: x, error: X}
  - {type: pass, name: r}
`,
    input: {},
    output: { e: "FnF.InvalidLocal" },
  },
  {
    name: "function_async",
    about: "sync: the function is invoked asynchronously and waited for",
    flow: `
version: v1
type: flow
steps:
  - type: task
    name: t
    resourceArn: acs:fc:cn-shanghai:1:services/s/functions/echo
    pattern: sync
    inputMappings: [{target: a, source: $input.list}]
`,
    input: { list: [1, { b: 2 }] },
    output: { a: [1, { b: 2 }] },
  },
  {
    name: "input_is_the_event",
    about: "without inputMappings the event is the parent's input with its local over it",
    flow: `
version: v1
type: flow
steps:
  - {type: pass, name: p, outputMappings: [{target: b, source: local}]}
  - {type: task, name: t, resourceArn: 'acs:fc:::services/s/functions/echo'}
  - {type: pass, name: q, outputMappings: [{target: whole, source: $local}, {target: input, source: $input}]}
`,
    input: { a: 1, b: 2 },
    output: { b: "local", a: 1, whole: {}, input: { a: 1, b: "local" } },
  },
  {
    name: "flow_maps_its_input",
    flow: `
version: v1
type: flow
inputMappings:
  - target: item
    source: $input.items[1].name
  - target: names
    source: $input.items[*].name
  - target: constant
    source: {a: [1, $input.x]}
steps:
  - type: pass
    name: p
    inputMappings:
      - {target: got, source: $input}
    outputMappings:
      - {target: got, source: $input.got}
`,
    input: { items: [{ name: "a" }, { name: "b" }] },
    output: { got: { item: "b", names: ["a", "b"], constant: { a: [1, "$input.x"] } } },
  },
  {
    name: "wait_until",
    flow: `
version: v1
type: flow
steps:
  - type: wait
    name: w
    inputMappings: [{target: when, source: $input.schedule.time}]
    timestamp: $.when
    outputMappings: [{target: waited, source: $input.when}]
`,
    input: { schedule: { time: "2001-02-03T04:05:06Z" } },
    output: { waited: "2001-02-03T04:05:06Z" },
  },
  {
    name: "foreach_of_sub_flows",
    flow: `
version: v1
type: flow
steps:
  - type: foreach
    name: each
    iterationMapping: {collection: $.people, item: person, index: i}
    steps:
      - type: task
        name: sub
        resourceArn: acs:fnf:::flow/child_old
        pattern: sync
        serviceParams:
          Input: {v: $.person.name, i: $.i}
        outputMappings: [{target: name, source: $local.r}]
      - type: choice
        name: long
        choices:
          - condition: $.name == "b" && $.i == 1
            steps: [{type: pass, name: mark, outputMappings: [{target: marked, source: true}]}]
    outputMappings:
      - {target: people, source: $local}
outputMappings:
  - {target: people, source: $local.people}
  - {target: second, source: "$local.people[1].name"}
  - {target: input, source: '$input.people[0]'}
`,
    input: { people: [{ name: "a" }, { name: "b" }] },
    output: { people: [{ name: "a" }, { name: "b", marked: true }], second: "b", input: { name: "a" } },
  },
  {
    name: "conditions_of_users",
    flow: `
version: v1
type: flow
steps:
  - type: choice
    name: c1
    choices:
      - condition: $.status != "Running" && ($.code == 200 || !($.code > 299)) && -$.delta < 3.5
        steps: [{type: pass, name: y1, outputMappings: [{target: one, source: true}]}]
  - type: choice
    name: c2
    choices:
      - condition: $.tags[0] == \`x\` && "y" in $.tags && !("z" in $.tags)
        steps: [{type: pass, name: y2, outputMappings: [{target: two, source: true}]}]
  - type: choice
    name: c3
    choices:
      - condition: $.deep.list[1].ok == true && $.nothing.at.all != true
        steps: [{type: pass, name: y3, outputMappings: [{target: three, source: true}]}]
  - type: choice
    name: c4
    choices:
      - condition: $.status < "T" && $.status >= "Stopped"
        steps: [{type: pass, name: y4, outputMappings: [{target: four, source: true}]}]
  - type: choice
    name: c5
    choices:
      - condition: '"status" in $ && !("missing" in $)'
        steps: [{type: pass, name: y5, outputMappings: [{target: five, source: true}]}]
`,
    input: { status: "Stopped", code: 204, delta: -3, tags: ["x", "y"], deep: { list: [{}, { ok: true }] } },
    output: { one: true, two: true, three: true, four: true, five: true },
  },
  {
    name: "error_of_a_stopped_name",
    about: "an ended child's name is used again: the start is an error",
    flow: `
version: v1
type: flow
steps:
  - type: task
    name: first
    resourceArn: acs:fnf:::flow/child_old
    pattern: sync
    serviceParams: {Input: {v: 1}, ExecutionName: $.name}
    outputMappings: [{target: r, source: $local.r}]
  - type: task
    name: again
    resourceArn: acs:fnf:::flow/child_old
    pattern: sync
    serviceParams: {Input: {v: 2}, ExecutionName: $.name}
    errorMappings: [{target: error, source: $local.error}]
    catch: [{errors: [FnF.ExecutionAlreadyExists], goto: known}]
  - {type: fail, name: no, error: No}
  - {type: pass, name: known, outputMappings: [{target: known, source: true}]}
`,
    input: { name: "used_twice" },
    output: { r: 1, error: "FnF.ExecutionAlreadyExists", known: true },
  },
  {
    name: "parallel_in_parallel",
    flow: `
version: v1
type: flow
steps:
  - type: parallel
    name: outer
    branches:
      - steps:
          - type: parallel
            name: inner
            branches:
              - steps: [{type: pass, name: a, outputMappings: [{target: v, source: 1}]}]
              - steps: [{type: pass, name: b, outputMappings: [{target: v, source: 2}]}]
            outputMappings: [{target: inner, source: "$local[*].v"}]
          - {type: pass, name: after, outputMappings: [{target: saw, source: $input.inner}, {target: x, source: $input.x}]}
      - steps:
          - {type: succeed, name: s, outputMappings: [{target: inner, source: [3]}]}
          - {type: fail, name: never}
    outputMappings:
      - {target: all, source: "$local[*].inner[*]"}
      - {target: first, source: "$local[0]"}
`,
    input: { x: "x" },
    output: { all: [1, 2, 3], first: { inner: [1, 2], saw: [1, 2], x: "x" } },
  },
  {
    name: "too_much_data",
    about: "more than 32 KiB in one step fails the execution, whatever is caught",
    flow: `
version: v1
type: flow
steps:
  - type: foreach
    name: f
    iterationMapping: {collection: $.list, item: i}
    steps:
      - {type: pass, name: p, outputMappings: [{target: a, source: $input.big}, {target: b, source: $input.big}]}
    outputMappings: [{target: all, source: $local}]
`,
    input: { list: [1], big: "x".repeat(12_000) },
    status: "Failed",
  },
  {
    name: "context_everywhere",
    flow: `
version: v1
type: flow
steps:
  - type: pass
    name: p
    inputMappings:
      - {target: flow, source: $context.flow.name}
      - {target: step, source: $context.step.name}
    outputMappings:
      - {target: flow, source: $input.flow}
      - {target: step, source: $input.step}
      - {target: none, source: $context.task.token}
      - {target: strange, source: $context.no.such}
`,
    input: {},
    output: { flow: "context_everywhere", step: "p", none: null, strange: null },
  },
];

/** Any text: a function's stack and words are its own. */
function expectText(): unknown {
  return "*";
}
