/** What docs/configuration.md and docs/errors.md say around their tables; a line `<!-- name -->` is replaced by a table. */
export const CONFIGURATION_TEXT = `# Configuration

<!-- Made by \`npm run docs\` from the schema of stepwell.yaml and scripts/docs/texts.ts: change those. -->

\`stepwell.yaml\` of the working directory, or the file that \`--functions\` or \`STEPWELL_CONFIG\` names. Variables are stronger
than the file, flags stronger than variables. An unknown key is an error; all errors are told at once, each with its place.
\`packages/cli/src/config/stepwell.schema.json\` is the schema for editors.

## Keys

<!-- keys -->

## Variables and flags

<!-- variables -->

\`STEPWELL_LOG_LEVEL\` is the level of the service's own log on standard error (\`info\`). Nothing of inputs and outputs is in it.

## Execution logs

State machines whose \`loggingConfiguration\` has a level other than \`OFF\` log their history events at that level, in the
form that CloudWatch Logs gets from AWS, one stream for each execution. Where the entries go is \`logs.sink\`: by default
\`logs/executions.jsonl\` in the data directory, readable by its owner alone; at 256 MiB it becomes \`executions.jsonl.1\`, in
place of an earlier one. With \`cloudwatch\` the log group must exist: creating a state machine that logs to none is refused.

Entries wait in memory, 50,000 or 32 Mi characters at most. A sink that is away is tried eight times, with growing pauses;
what is lost then, or finds no room, is counted in \`stepwell_log_entries_dropped_total\` and told of once a minute.
Executions never wait for a sink.

## Status events

With \`events.sink\` every change of a Standard execution's status gives an event in EventBridge's form (\`detail-type\`
\`Step Functions Execution Status Change\`), at least once, those of one execution in order. An event is stored in the same
transaction as the change it tells of and stays until it was delivered: neither \`kill -9\` nor a power loss takes one. A
webhook takes an event by answering 2xx; 401, 407, 408, 409, 425, 429, 5xx and silence for ten seconds make it come again, not
before what \`Retry-After\` says; anything else refuses it. EventBridge of AWS refuses sources that begin with \`aws.\`: set
\`events.source\` there.

What is not taken comes again after a quarter of a second, then after growing pauses up to eight minutes, for 24 hours and 185
times at most (\`maximumEventAgeInSeconds\`, \`maximumRetryAttempts\`), as with EventBridge; the count begins anew with the
service, and where nobody could be reached nothing is counted. Meanwhile the later events of that execution wait, and nobody else's: half of the calls are kept for events that have
not failed. Only when 50,000 executions wait so are no more read. An event never overtakes an earlier one of its execution,
unless that one was given up. Where nobody can be reached, or nobody has been served for a minute, one attempt at a time finds
out whether that is over, at least once a minute. In a cluster each node tells of its own executions.

What is given up is told of in the log and counted in \`stepwell_status_events_dropped_total\`; with \`events.deadLetters\` it is
kept, one JSON line each: \`attributes\` as of a message in EventBridge's dead-letter queue (\`ERROR_CODE\`, \`ERROR_MESSAGE\`,
\`EXHAUSTED_RETRY_CONDITION\`, \`RETRY_ATTEMPTS\`, \`TARGET_ARN\`) and the event as \`body\`. \`stepwell_status_events_delivered_total\`
and \`_refused_total\` (attempts that were not taken) count too; \`stepwell_status_events_waiting\` and \`_oldest_age_seconds\` show
the backlog.

## Metrics

\`GET /metrics\` is in Prometheus' text format. Names follow CloudWatch's: \`ExecutionsFailed\` is
\`stepwell_executions_failed_total\`, \`LambdaFunctionRunTime\` is \`stepwell_lambda_function_run_time_milliseconds\`. It needs no
signature.

## Expressions that take long

The thread that answers requests gives an expression (or a path) \`decisions.quickMs\` milliseconds by the reckoning its bounds
are in; what needs more is decided on one of \`decisions.threads\` other threads, with the same result. They begin when there is
something to do and end a minute after the last of it. A thread that needs more than a gibibyte or two minutes for one piece
of work is ended; the expression then fails as one does that takes too long. \`stepwell_long_work_total\` counts what threads did,
\`stepwell_long_work_milliseconds_total\` how long it took them, \`stepwell_long_work_lost_total\` what they could not do.

## Traces

With \`OTEL_EXPORTER_OTLP_ENDPOINT\` (or \`OTEL_EXPORTER_OTLP_TRACES_ENDPOINT\`) set, \`stepwell start\` sends one trace for each
execution and a span for each visit of a state, over OTLP/HTTP; the other \`OTEL_EXPORTER_OTLP_*\` variables and
\`OTEL_SERVICE_NAME\` count too. An execution started with an \`X-Amzn-Trace-Id\` belongs to that trace, and is not traced when it
says \`Sampled=0\`. Functions get their state's span as \`traceparent\` and in X-Ray's form
(\`Lambda-Runtime-Trace-Id\`, \`_X_AMZN_TRACE_ID\`).

## Keys of callers

Without \`auth\` every request is let in, and so only loopback addresses are listened on. With it every request must be
signed (Signature Version 4, in headers or presigned) by a key of the file, and every operation must be allowed by one of
the key's rules:

\`\`\`sh
stepwell keys add --file keys.yaml --name deploy --action 'states:*'
stepwell keys add --file keys.yaml --name shop --action states:StartExecution 'states:Describe*' \\
  --resource 'arn:aws:states:*:*:stateMachine:orders*' 'arn:aws:states:*:*:execution:orders*'
stepwell keys list --file keys.yaml
stepwell keys remove --file keys.yaml AKIA…
stepwell start --auth keys.yaml --host 0.0.0.0
\`\`\`

TestState shows of an HTTP task what it sent and got (\`inspectionLevel\` TRACE), without what a connection adds; a test with
\`revealSecrets\` shows that too and needs \`states:RevealSecrets\` beside \`states:TestState\`, as on AWS.

What is stored: Signature Version 4 is computed with the secret itself, so a hash of it would not do. \`keys.yaml\` holds each
secret sealed with AES-256-GCM, bound to its key id; the master key is in \`keys.yaml.master\` beside it, or in
\`STEPWELL_MASTER_KEY\` (32 bytes in base64). The file of keys alone tells nobody a secret; whoever can read both it and the
master key can. Both files are refused when others than their owner may read or write them. A secret may also stand there
as it is (\`secretAccessKey\`), for keys that come from elsewhere. The file is read again within a second of a change; a
file that cannot be used leaves the keys before in force, and the log says so.

Signatures protect requests from change, not from being read: put TLS in front when others can listen.
`;

export const ERRORS_TEXT = `# Errors

<!-- Made by \`npm run docs\` from the tables of the code: change those. -->

## Errors of the API

As AWS answers them: the name is in \`__type\` after the namespace, and in \`x-amzn-errortype\`.

<!-- api -->

## Errors of states

Tasks and Fail states have names of their own beside these. A function's error has the name of what it threw.

<!-- states -->
`;
