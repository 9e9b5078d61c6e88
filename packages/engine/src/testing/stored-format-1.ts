/**
 * An execution as releases of formats 1 (snapshots and history) stored it: written by commit 534b8eb, before anything of this
 * was tested, and never written anew. Whoever changes a format adds a file like this one, and leaves this one as it is.
 */
import type { ExecutionCommit } from "../ports/store.ts";

/** Of an execution that waits for a worker, a timer, a token and a task's next attempt, in branches and iterations. */
export interface StoredExecutionOfFormat {
  readonly definition: object;
  /** When it was left. */
  readonly now: number;
  readonly executionArn: string;
  readonly activityToken: string;
  readonly askToken: string;
  /** In their order. */
  readonly commits: readonly ExecutionCommit[];
}

const LINES = String.raw`
{"executionArn":"arn:aws:states:us-east-1:123456789012:execution:stored:of-format-1","over":{"kind":"create","start":{"executionArn":"arn:aws:states:us-east-1:123456789012:execution:stored:of-format-1","executionName":"of-format-1","type":"STANDARD","stateMachineArn":"arn:aws:states:us-east-1:123456789012:stateMachine:stored","stateMachineName":"stored","roleArn":"arn:aws:iam::123456789012:role/test","startedAt":1769860800000,"input":"{\"who\":\"Zoë\",\"items\":[\"a\",\"b\",{\"__proto__x\":[1,null,2.5]}],\"long\":\"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\"}"},"revisionKey":"arn:aws:states:us-east-1:123456789012:stateMachine:stored"},"lastEventId":18,"history":[{"firstId":1,"lastId":18,"text":"[1,1769860800000,[\"arn:aws:iam::123456789012:role/test\",\"Note\",\"who\",\"count\",\"All\",\"Work\",\"arn:aws:states:us-east-1:123456789012:activity:work\",\"Pause\",\"Each\",\"Ask\",\"us-east-1\",\"sendMessage.waitForTaskToken\",\"sqs\"],[5,1,13,3,202,3,202],[0,0,0,2,1,2,4,0,6,0,0,2,0,8,1,2,7,1,0,3,0,8,2,2,3,5,2,16,1,24,9,17,1,0,2,0,32,1,2,42,1,0,-1,8,1,0,2,0,40,1,2,36,1,0,3,1,17,10,48,14,4,3600,12,3,0,2,0,56,1,2,19,4,0,2,0,64,1,2,46,1,0,1,17,4,3,50,1,0,2,18,4,0,0,64,50,2,0,2,18,4,1,0,64,8,2,0,2,0,72,1,25,21,1,0,4,12,33,11,80,10,88,9,96,22,1,0,2,10,88,9,96,8,4,0,2,0,72,1,41,21,1,0,4,12,49,11,80,10,88,9,96,22,1,0,2,10,88,9,96]]\n\"Zoë\"1{\"for\":\"Zoë\"}\"a\"{\"QueueUrl\":\"q\",\"MessageBody\":{\"token\":\"c3RlcHdlbGwxCmFybjphd3M6c3RhdGVzOnVzLWVhc3QtMToxMjM0NTY3ODkwMTI6ZXhlY3V0aW9uOnN0b3JlZDpvZi1mb3JtYXQtMQoyCjk5ZDUzZDlmNjJkZWM4NjMwZmYyMTVjN2JmYjc1Njgw\",\"item\":\"a\"}}\"b\"{\"QueueUrl\":\"q\",\"MessageBody\":{\"token\":\"c3RlcHdlbGwxCmFybjphd3M6c3RhdGVzOnVzLWVhc3QtMToxMjM0NTY3ODkwMTI6ZXhlY3V0aW9uOnN0b3JlZDpvZi1mb3JtYXQtMQozCmY2MGFjNmIxNDBkNWZmOWEwNjMwYTJlMmUzZjk4ODVl\",\"item\":\"b\"}}"}],"parts":[{"part":0,"json":"{\"format\":1,\"status\":\"RUNNING\",\"nextEventId\":19,\"nextBranchId\":7,\"nextTaskId\":4,\"variableBytes\":7,\"redriveCount\":0}"},{"part":1,"json":"{\"id\":1,\"parent\":0,\"index\":0,\"state\":\"All\",\"enteredEventId\":4,\"enteredAt\":1769860800000,\"lastEventId\":5,\"retries\":[],\"variables\":{\"who\":\"Zoë\",\"count\":1},\"variableBytes\":7,\"wait\":{\"kind\":\"branches\",\"since\":1769860800000,\"concurrency\":3},\"input\":{\"who\":\"Zoë\",\"items\":[\"a\",\"b\",{\"__proto__x\":[1,null,2.5]}],\"long\":\"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\"}}"},{"part":2,"json":"{\"id\":2,\"parent\":1,\"index\":0,\"state\":\"Work\",\"enteredEventId\":6,\"enteredAt\":1769860800000,\"lastEventId\":7,\"retries\":[],\"variables\":{},\"variableBytes\":0,\"wait\":{\"kind\":\"task\",\"since\":1769860800000,\"phase\":\"scheduled\",\"taskId\":1,\"nonce\":\"de0dad3a9ff8d0635147a3bfcf32849e\",\"input\":\"{\\\"for\\\":\\\"Zoë\\\"}\",\"heartbeatSeconds\":3600},\"input\":{\"who\":\"Zoë\",\"items\":[\"a\",\"b\",{\"__proto__x\":[1,null,2.5]}],\"long\":\"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\"}}"},{"part":3,"json":"{\"id\":3,\"parent\":1,\"index\":1,\"state\":\"Pause\",\"enteredEventId\":8,\"enteredAt\":1769860800000,\"lastEventId\":8,\"retries\":[],\"variables\":{},\"variableBytes\":0,\"wait\":{\"kind\":\"timer\",\"at\":1769861400000,\"since\":1769860800000},\"input\":{\"who\":\"Zoë\",\"items\":[\"a\",\"b\",{\"__proto__x\":[1,null,2.5]}],\"long\":\"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\"}}"},{"part":4,"json":"{\"id\":4,\"parent\":1,\"index\":2,\"state\":\"Each\",\"enteredEventId\":9,\"enteredAt\":1769860800000,\"lastEventId\":10,\"retries\":[],\"variables\":{},\"variableBytes\":0,\"wait\":{\"kind\":\"branches\",\"since\":1769860800000,\"items\":[\"a\",\"b\",{\"__proto__x\":[1,null,2.5]}],\"concurrency\":2},\"input\":{\"who\":\"Zoë\",\"items\":[\"a\",\"b\",{\"__proto__x\":[1,null,2.5]}],\"long\":\"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\"}}"},{"part":5,"json":"{\"id\":5,\"parent\":4,\"index\":0,\"item\":\"a\",\"state\":\"Ask\",\"enteredEventId\":13,\"enteredAt\":1769860800000,\"lastEventId\":15,\"retries\":[],\"variables\":{},\"variableBytes\":0,\"wait\":{\"kind\":\"task\",\"since\":1769860800000,\"phase\":\"started\",\"taskId\":2,\"nonce\":\"99d53d9f62dec8630ff215c7bfb75680\",\"input\":\"{\\\"QueueUrl\\\":\\\"q\\\",\\\"MessageBody\\\":{\\\"token\\\":\\\"c3RlcHdlbGwxCmFybjphd3M6c3RhdGVzOnVzLWVhc3QtMToxMjM0NTY3ODkwMTI6ZXhlY3V0aW9uOnN0b3JlZDpvZi1mb3JtYXQtMQoyCjk5ZDUzZDlmNjJkZWM4NjMwZmYyMTVjN2JmYjc1Njgw\\\",\\\"item\\\":\\\"a\\\"}}\"},\"input\":\"a\"}"},{"part":6,"json":"{\"id\":6,\"parent\":4,\"index\":1,\"item\":\"b\",\"state\":\"Ask\",\"enteredEventId\":16,\"enteredAt\":1769860800000,\"lastEventId\":18,\"retries\":[],\"variables\":{},\"variableBytes\":0,\"wait\":{\"kind\":\"task\",\"since\":1769860800000,\"phase\":\"started\",\"taskId\":3,\"nonce\":\"f60ac6b140d5ff9a0630a2e2e3f9885e\",\"input\":\"{\\\"QueueUrl\\\":\\\"q\\\",\\\"MessageBody\\\":{\\\"token\\\":\\\"c3RlcHdlbGwxCmFybjphd3M6c3RhdGVzOnVzLWVhc3QtMToxMjM0NTY3ODkwMTI6ZXhlY3V0aW9uOnN0b3JlZDpvZi1mb3JtYXQtMQozCmY2MGFjNmIxNDBkNWZmOWEwNjMwYTJlMmUzZjk4ODVl\\\",\\\"item\\\":\\\"b\\\"}}\"},\"input\":\"b\"}"}],"tasksSubmitted":[],"tasksSettled":[],"activityTasksQueued":[{"taskId":1,"activityArn":"arn:aws:states:us-east-1:123456789012:activity:work"}],"activityTasksRemoved":[],"wakeAt":1769861400000,"outstandingTasks":2}
{"executionArn":"arn:aws:states:us-east-1:123456789012:execution:stored:of-format-1","over":{"kind":"advance","key":1,"version":1},"lastEventId":20,"history":[{"firstId":19,"lastId":20,"text":"[1,1769860800000,[\"sendMessage.waitForTaskToken\",\"sqs\"],[2],[23,4,0,3,2,1,10,0,9,8,23,2,0,3,2,1,10,0,9,8]]\n{}"}],"parts":[{"part":0,"json":"{\"format\":1,\"status\":\"RUNNING\",\"nextEventId\":21,\"nextBranchId\":7,\"nextTaskId\":4,\"variableBytes\":7,\"redriveCount\":0}"},{"part":5,"json":"{\"id\":5,\"parent\":4,\"index\":0,\"item\":\"a\",\"state\":\"Ask\",\"enteredEventId\":13,\"enteredAt\":1769860800000,\"lastEventId\":19,\"retries\":[],\"variables\":{},\"variableBytes\":0,\"wait\":{\"kind\":\"task\",\"since\":1769860800000,\"phase\":\"submitted\",\"taskId\":2,\"nonce\":\"99d53d9f62dec8630ff215c7bfb75680\",\"input\":\"{\\\"QueueUrl\\\":\\\"q\\\",\\\"MessageBody\\\":{\\\"token\\\":\\\"c3RlcHdlbGwxCmFybjphd3M6c3RhdGVzOnVzLWVhc3QtMToxMjM0NTY3ODkwMTI6ZXhlY3V0aW9uOnN0b3JlZDpvZi1mb3JtYXQtMQoyCjk5ZDUzZDlmNjJkZWM4NjMwZmYyMTVjN2JmYjc1Njgw\\\",\\\"item\\\":\\\"a\\\"}}\"},\"input\":\"a\"}"},{"part":6,"json":"{\"id\":6,\"parent\":4,\"index\":1,\"item\":\"b\",\"state\":\"Ask\",\"enteredEventId\":16,\"enteredAt\":1769860800000,\"lastEventId\":20,\"retries\":[],\"variables\":{},\"variableBytes\":0,\"wait\":{\"kind\":\"task\",\"since\":1769860800000,\"phase\":\"submitted\",\"taskId\":3,\"nonce\":\"f60ac6b140d5ff9a0630a2e2e3f9885e\",\"input\":\"{\\\"QueueUrl\\\":\\\"q\\\",\\\"MessageBody\\\":{\\\"token\\\":\\\"c3RlcHdlbGwxCmFybjphd3M6c3RhdGVzOnVzLWVhc3QtMToxMjM0NTY3ODkwMTI6ZXhlY3V0aW9uOnN0b3JlZDpvZi1mb3JtYXQtMQozCmY2MGFjNmIxNDBkNWZmOWEwNjMwYTJlMmUzZjk4ODVl\\\",\\\"item\\\":\\\"b\\\"}}\"},\"input\":\"b\"}"}],"tasksSubmitted":[{"taskId":2},{"taskId":3}],"tasksSettled":[],"activityTasksQueued":[],"activityTasksRemoved":[],"outstandingTasks":0}
{"executionArn":"arn:aws:states:us-east-1:123456789012:execution:stored:of-format-1","over":{"kind":"advance","key":1,"version":2},"lastEventId":21,"history":[{"firstId":21,"lastId":21,"text":"[1,1769860800000,[\"worker\"],[],[37,14,0,1,16,0]]\n"}],"parts":[{"part":0,"json":"{\"format\":1,\"status\":\"RUNNING\",\"nextEventId\":22,\"nextBranchId\":7,\"nextTaskId\":4,\"variableBytes\":7,\"redriveCount\":0}"},{"part":2,"json":"{\"id\":2,\"parent\":1,\"index\":0,\"state\":\"Work\",\"enteredEventId\":6,\"enteredAt\":1769860800000,\"lastEventId\":21,\"retries\":[],\"variables\":{},\"variableBytes\":0,\"wait\":{\"kind\":\"task\",\"since\":1769860800000,\"phase\":\"started\",\"taskId\":1,\"nonce\":\"de0dad3a9ff8d0635147a3bfcf32849e\",\"input\":\"{\\\"for\\\":\\\"Zoë\\\"}\",\"heartbeatSeconds\":3600,\"heartbeatAt\":1769864400000},\"input\":{\"who\":\"Zoë\",\"items\":[\"a\",\"b\",{\"__proto__x\":[1,null,2.5]}],\"long\":\"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\"}}"}],"tasksSubmitted":[],"tasksSettled":[],"activityTasksQueued":[],"activityTasksRemoved":[1]}
{"executionArn":"arn:aws:states:us-east-1:123456789012:execution:stored:of-format-1","over":{"kind":"advance","key":1,"version":3},"lastEventId":22,"history":[{"firstId":22,"lastId":22,"text":"[1,1769860801000,[\"Again\",\"please\",\"sendMessage.waitForTaskToken\",\"sqs\"],[],[25,3,0,4,7,0,8,8,10,16,9,24]]\n"}],"parts":[{"part":5,"json":"{\"id\":5,\"parent\":4,\"index\":0,\"item\":\"a\",\"state\":\"Ask\",\"enteredEventId\":13,\"enteredAt\":1769860800000,\"lastEventId\":22,\"retries\":[1],\"variables\":{},\"variableBytes\":0,\"wait\":{\"kind\":\"retry\",\"at\":1769861701000,\"since\":1769860801000},\"input\":\"a\"}"},{"part":0,"json":"{\"format\":1,\"status\":\"RUNNING\",\"nextEventId\":23,\"nextBranchId\":7,\"nextTaskId\":4,\"variableBytes\":7,\"redriveCount\":0}"}],"tasksSubmitted":[],"tasksSettled":[2],"activityTasksQueued":[],"activityTasksRemoved":[]}
{"executionArn":"arn:aws:states:us-east-1:123456789012:execution:stored:of-format-1","over":{"kind":"advance","key":1,"version":4},"lastEventId":29,"history":[{"firstId":23,"lastId":29,"text":"[1,1769860801000,[\"sendMessage.waitForTaskToken\",\"sqs\",\"Ask\",\"Each\",\"us-east-1\"],[5,26,27,226],[24,3,0,3,2,1,10,0,9,8,9,1,0,2,0,16,2,9,51,1,0,2,18,4,1,0,24,50,2,0,2,18,4,2,0,24,8,1,0,2,0,16,1,17,21,1,0,4,12,25,11,32,10,0,9,8,22,1,0,2,10,0,9,8]]\n\"yes\"{\"said\":\"yes\",\"who\":\"Zoë\"}{\"__proto__x\":[1,null,2.5]}{\"QueueUrl\":\"q\",\"MessageBody\":{\"token\":\"c3RlcHdlbGwxCmFybjphd3M6c3RhdGVzOnVzLWVhc3QtMToxMjM0NTY3ODkwMTI6ZXhlY3V0aW9uOnN0b3JlZDpvZi1mb3JtYXQtMQo0CjI4NDY2MjNlZDY3OTA5N2RhZWU3MGIzNDdkZWVjMjI5\",\"item\":{\"__proto__x\":[1,null,2.5]}}}"}],"parts":[{"part":6,"json":"{\"id\":6,\"parent\":4,\"index\":1,\"item\":\"b\",\"state\":\"Ask\",\"enteredEventId\":16,\"enteredAt\":1769860800000,\"lastEventId\":24,\"retries\":[],\"variables\":{},\"variableBytes\":0,\"input\":\"b\",\"ended\":{\"output\":{\"said\":\"yes\",\"who\":\"Zoë\"},\"eventId\":25}}"},{"part":0,"json":"{\"format\":1,\"status\":\"RUNNING\",\"nextEventId\":30,\"nextBranchId\":8,\"nextTaskId\":5,\"variableBytes\":7,\"redriveCount\":0}"},{"part":7,"json":"{\"id\":7,\"parent\":4,\"index\":2,\"item\":{\"__proto__x\":[1,null,2.5]},\"state\":\"Ask\",\"enteredEventId\":27,\"enteredAt\":1769860801000,\"lastEventId\":29,\"retries\":[],\"variables\":{},\"variableBytes\":0,\"wait\":{\"kind\":\"task\",\"since\":1769860801000,\"phase\":\"started\",\"taskId\":4,\"nonce\":\"2846623ed679097daee70b347deec229\",\"input\":\"{\\\"QueueUrl\\\":\\\"q\\\",\\\"MessageBody\\\":{\\\"token\\\":\\\"c3RlcHdlbGwxCmFybjphd3M6c3RhdGVzOnVzLWVhc3QtMToxMjM0NTY3ODkwMTI6ZXhlY3V0aW9uOnN0b3JlZDpvZi1mb3JtYXQtMQo0CjI4NDY2MjNlZDY3OTA5N2RhZWU3MGIzNDdkZWVjMjI5\\\",\\\"item\\\":{\\\"__proto__x\\\":[1,null,2.5]}}}\"},\"input\":{\"__proto__x\":[1,null,2.5]}}"}],"tasksSubmitted":[],"tasksSettled":[3],"activityTasksQueued":[],"activityTasksRemoved":[],"outstandingTasks":1}
{"executionArn":"arn:aws:states:us-east-1:123456789012:execution:stored:of-format-1","over":{"kind":"advance","key":1,"version":5},"lastEventId":30,"history":[{"firstId":30,"lastId":30,"text":"[1,1769860801000,[\"sendMessage.waitForTaskToken\",\"sqs\"],[2],[23,1,0,3,2,1,10,0,9,8]]\n{}"}],"parts":[{"part":0,"json":"{\"format\":1,\"status\":\"RUNNING\",\"nextEventId\":31,\"nextBranchId\":8,\"nextTaskId\":5,\"variableBytes\":7,\"redriveCount\":0}"},{"part":7,"json":"{\"id\":7,\"parent\":4,\"index\":2,\"item\":{\"__proto__x\":[1,null,2.5]},\"state\":\"Ask\",\"enteredEventId\":27,\"enteredAt\":1769860801000,\"lastEventId\":30,\"retries\":[],\"variables\":{},\"variableBytes\":0,\"wait\":{\"kind\":\"task\",\"since\":1769860801000,\"phase\":\"submitted\",\"taskId\":4,\"nonce\":\"2846623ed679097daee70b347deec229\",\"input\":\"{\\\"QueueUrl\\\":\\\"q\\\",\\\"MessageBody\\\":{\\\"token\\\":\\\"c3RlcHdlbGwxCmFybjphd3M6c3RhdGVzOnVzLWVhc3QtMToxMjM0NTY3ODkwMTI6ZXhlY3V0aW9uOnN0b3JlZDpvZi1mb3JtYXQtMQo0CjI4NDY2MjNlZDY3OTA5N2RhZWU3MGIzNDdkZWVjMjI5\\\",\\\"item\\\":{\\\"__proto__x\\\":[1,null,2.5]}}}\"},\"input\":{\"__proto__x\":[1,null,2.5]}}"}],"tasksSubmitted":[{"taskId":4}],"tasksSettled":[],"activityTasksQueued":[],"activityTasksRemoved":[],"outstandingTasks":0}
`;

export const STORED_FORMAT_1: StoredExecutionOfFormat = {
  definition: {
    QueryLanguage: "JSONata",
    StartAt: "Note",
    States: {
      Note: {
        Type: "Pass",
        Assign: { who: "{% $states.input.who %}", count: 1 },
        Output: "{% $states.input %}",
        Next: "All",
      },
      All: {
        Type: "Parallel",
        Branches: [
          {
            StartAt: "Work",
            States: {
              Work: {
                Type: "Task",
                Resource: "arn:aws:states:us-east-1:123456789012:activity:work",
                Arguments: { for: "{% $who %}" },
                HeartbeatSeconds: 3600,
                End: true,
              },
            },
          },
          {
            StartAt: "Pause",
            States: {
              Pause: { Type: "Wait", Seconds: 600, Assign: { mine: "{% $who & '!' %}" }, Next: "After" },
              After: { Type: "Pass", Output: "{% $mine %}", End: true },
            },
          },
          {
            StartAt: "Each",
            States: {
              Each: {
                Type: "Map",
                Items: "{% $states.input.items %}",
                MaxConcurrency: 2,
                ItemProcessor: {
                  StartAt: "Ask",
                  States: {
                    Ask: {
                      Type: "Task",
                      Resource: "arn:aws:states:::sqs:sendMessage.waitForTaskToken",
                      Arguments: {
                        QueueUrl: "q",
                        MessageBody: { token: "{% $states.context.Task.Token %}", item: "{% $states.input %}" },
                      },
                      Retry: [{ ErrorEquals: ["Again"], IntervalSeconds: 900, MaxAttempts: 2, BackoffRate: 1 }],
                      Output: "{% {'said': $states.result, 'who': $who} %}",
                      End: true,
                    },
                  },
                },
                End: true,
              },
            },
          },
        ],
        Catch: [{ ErrorEquals: ["States.ALL"], Next: "Bad" }],
        Assign: { count: "{% $count + 1 %}" },
        Next: "Done",
      },
      Bad: { Type: "Fail", Error: "Bad" },
      Done: { Type: "Succeed", Output: "{% {'all': $states.input, 'count': $count} %}" },
    },
  },
  now: 1769860802000,
  executionArn: "arn:aws:states:us-east-1:123456789012:execution:stored:of-format-1",
  activityToken:
    "c3RlcHdlbGwxCmFybjphd3M6c3RhdGVzOnVzLWVhc3QtMToxMjM0NTY3ODkwMTI6ZXhlY3V0aW9uOnN0b3JlZDpvZi1mb3JtYXQtMQoxCmRlMGRhZDNhOWZmOGQwNjM1MTQ3YTNiZmNmMzI4NDll",
  askToken:
    "c3RlcHdlbGwxCmFybjphd3M6c3RhdGVzOnVzLWVhc3QtMToxMjM0NTY3ODkwMTI6ZXhlY3V0aW9uOnN0b3JlZDpvZi1mb3JtYXQtMQo0CjI4NDY2MjNlZDY3OTA5N2RhZWU3MGIzNDdkZWVjMjI5",
  commits: commitsOf(),
};

function commitsOf(): readonly ExecutionCommit[] {
  return LINES.trim()
    .split("\n")
    .map((line) => JSON.parse(line) as ExecutionCommit);
}
