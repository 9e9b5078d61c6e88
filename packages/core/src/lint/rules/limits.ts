// What fills the history (25,000 events) or a payload (256 KiB).
import type { JsonObject } from "../../json.ts";
import {
  argumentsOf,
  isDistributed,
  jsonataOf,
  type LintBlock,
  type LintModel,
  type LintState,
  numberOf,
  objectOf,
  runsExpress,
  transitionsOf,
  within,
} from "../lint-model.ts";
import type { LintRule } from "../lint-rule.ts";

const HISTORY_EVENTS_MAX = 25_000;
const DAY_SECONDS = 86_400;
/** Lists of fewer items than this fill no history that anybody complains about. */
const ITEMS_SAFE = 5_000;
const LOOPS_MAX = 100;
const LOOP_STATES_MAX = 200;

/** History events of one visit, without retries and without what is inside. features.md D. */
function eventsOf(state: LintState): number {
  if (state.type !== "Task") return 2;
  const { resource } = state;
  if (resource?.kind === "service" && resource.pattern !== "requestResponse") return 6;
  return 5;
}

/** Of one run through a block: the longest way is not searched for; every state counts once. */
function eventsOfBlock(block: LintBlock): number {
  let events = 0;
  for (const state of block.states) {
    events += eventsOf(state);
    if (!isDistributed(state)) for (const inner of state.blocks) events += eventsOfBlock(inner);
  }
  return events;
}

export const pollLoopBudget: LintRule = {
  code: "poll-loop-budget",
  severity: "WARNING",
  summary: "a loop that waits and asks again fills the history within a day",
  check(model, report) {
    for (const state of model.states) {
      const seconds = state.type === "Wait" ? numberOf(state.fields["Seconds"]) : undefined;
      if (seconds === undefined || runsExpress(model, state)) continue;
      const loop = shortestLoop(state);
      if (loop === undefined) continue;
      const events = loop.reduce((sum, each) => sum + eventsOf(each), 0);
      const waits = loop.reduce((sum, each) => sum + (numberOf(each.fields["Seconds"]) ?? 0), 0);
      const lasts = Math.floor(HISTORY_EVENTS_MAX / events) * waits;
      // The whole execution, or what is not Express of it, ends before.
      const ends = numberOf(model.definition["TimeoutSeconds"]);
      if (lasts > DAY_SECONDS || (ends !== undefined && ends <= lasts)) continue;
      report(
        state.path,
        `the loop through "${state.name}" writes ${events} events each ${waits} s: after ${duration(lasts)} the history is full ` +
          `(${HISTORY_EVENTS_MAX} events) and the execution fails; wait longer, or use .sync, a task token or Retry with MaxDelaySeconds`,
      );
    }
  },
};

/** The shortest way from a state back to itself, in its own block. */
function shortestLoop(start: LintState): readonly LintState[] | undefined {
  const byName = new Map(start.block.states.map((state) => [state.name, state]));
  const cameFrom = new Map<LintState, LintState>();
  const queue = [start];
  for (let i = 0; i < queue.length && i < LOOP_STATES_MAX; i++) {
    const state = queue[i] as LintState;
    for (const { to } of transitionsOf(state)) {
      const next = byName.get(to);
      if (next === start) return wayTo(state, cameFrom);
      if (next === undefined || cameFrom.has(next)) continue;
      cameFrom.set(next, state);
      queue.push(next);
    }
  }
  return undefined;
}

function wayTo(last: LintState, cameFrom: ReadonlyMap<LintState, LintState>): LintState[] {
  const way: LintState[] = [];
  for (let state: LintState | undefined = last; state !== undefined && way.length < LOOPS_MAX; ) {
    way.unshift(state);
    state = cameFrom.get(state);
  }
  return way;
}

function duration(seconds: number): string {
  const minutes = Math.max(1, Math.round(seconds / 60));
  if (minutes < 60) return minutes === 1 ? "1 minute" : `${minutes} minutes`;
  const hours = Math.round(seconds / 3_600);
  return hours === 1 ? "1 hour" : `${hours} hours`;
}

export const historyForecast: LintRule = {
  code: "history-forecast",
  severity: "INFO",
  summary: "an inline Map over many items fills the history",
  check(model, report) {
    for (const map of model.states) {
      if (map.type !== "Map" || isDistributed(map) || runsExpress(model, map)) continue;
      const perItem = 2 + map.blocks.reduce((sum, block) => sum + eventsOfBlock(block), 0);
      const items = Math.floor(HISTORY_EVENTS_MAX / perItem);
      if (items >= ITEMS_SAFE) continue;
      report(
        map.path,
        `each item of "${map.name}" writes about ${perItem} events: more than ${items} items fill the history ` +
          `(${HISTORY_EVENTS_MAX} events); a distributed Map has a history for each child`,
      );
    }
  },
};

/** Actions whose whole answer may be larger than a state may pass on, and what bounds it. */
const LARGE: readonly { readonly call: RegExp; readonly bound: readonly string[]; readonly what: string }[] = [
  { call: /^aws-sdk:s3 getObject$/, bound: ["Range"], what: "the whole object" },
  { call: /^aws-sdk:s3 listObjects(V2)?$/, bound: ["MaxKeys"], what: "up to 1,000 keys" },
  { call: /^aws-sdk:dynamodb (scan|query)$/, bound: ["Limit"], what: "up to 1 MB of items" },
  { call: /^athena getQueryResults$/, bound: ["MaxResults"], what: "up to 1,000 rows" },
];

export const payloadForecast: LintRule = {
  code: "payload-forecast",
  severity: "INFO",
  summary: "the answer may be larger than a state may pass on (256 KiB)",
  check({ states }, report) {
    for (const state of states) {
      const { resource } = state;
      if (resource?.kind !== "service") continue;
      const large = LARGE.find(({ call }) => call.test(`${resource.service} ${resource.action}`));
      const given = objectOf(argumentsOf(state));
      if (
        large === undefined ||
        large.bound.some((name) => given[name] !== undefined || given[`${name}.$`] !== undefined)
      )
        continue;
      if (narrows(state)) continue;
      report(
        state.path,
        `"${state.name}" passes on ${large.what}: more than 256 KiB fails with States.DataLimitExceeded; bound it by ${large.bound.join(", ")}, or select what is needed`,
      );
    }
  },
};

function narrows({ fields }: LintState): boolean {
  return ["ResultSelector", "Output"].some((name) => Object.hasOwn(fields, name)) || fields["ResultPath"] === null;
}

export const mapUnboundedConcurrency: LintRule = {
  code: "map-unbounded-concurrency",
  severity: "WARNING",
  summary: "a distributed Map runs up to 10,000 children at once",
  check({ states }, report) {
    for (const map of states) {
      if (map.type !== "Map" || !isDistributed(map) || !callsOut(map)) continue;
      const { MaxConcurrency: bound, MaxConcurrencyPath: boundPath } = map.fields;
      if (boundPath !== undefined || (bound !== undefined && bound !== 0)) continue;
      report(map.path, `"${map.name}" has no MaxConcurrency: up to 10,000 children call what is behind it at once`);
    }
  },
};

function callsOut(map: LintState): boolean {
  return map.blocks.some((block) => [...within(block)].some(({ type }) => type === "Task"));
}

export const mapSharedWrite: LintRule = {
  code: "map-shared-write",
  severity: "WARNING",
  summary: "concurrent items write the same object",
  check({ states }, report) {
    for (const map of states) {
      if (map.type !== "Map" || map.fields["MaxConcurrency"] === 1) continue;
      for (const state of map.blocks.flatMap((block) => [...within(block)])) {
        const key = sharedKeyOf(state, map);
        if (key === undefined) continue;
        report(
          state.path,
          `all items of "${map.name}" write the object ${key}, and the last one wins: make the key from the item, write after the Map, or use ResultWriter`,
        );
      }
    }
  },
};

/** The key of an object that is written, where it is the same for all items. */
function sharedKeyOf(state: LintState, map: LintState): string | undefined {
  const { resource } = state;
  const given = objectOf(argumentsOf(state));
  if (resource?.kind === "lambda") return keyAmong(given, state, map);
  if (resource?.kind !== "service") return undefined;
  if (resource.service === "lambda") return keyAmong(objectOf(given["Payload"]), state, map);
  const writes =
    resource.service === "aws-sdk:s3" && /^(putObject|copyObject|createMultipartUpload)$/.test(resource.action);
  return writes ? sharedText(given, "Key", state, map) : undefined;
}

/** A function that gets a bucket and a key, and is called so that it writes. */
function keyAmong(given: JsonObject, state: LintState, map: LintState): string | undefined {
  const names = Object.keys(given).map((name) => name.replace(/\.\$$/, ""));
  if (!names.some((name) => /bucket/i.test(name)) || /read|get|load|fetch/i.test(state.name)) return undefined;
  const key = names.find((name) => /^(s3|object|output|target|dest(ination)?)?_?key$/i.test(name));
  return key === undefined ? undefined : sharedText(given, key, state, map);
}

/** A text as it stands, or one that is made only of what all items of an inline Map share. */
function sharedText(given: JsonObject, name: string, state: LintState, map: LintState): string | undefined {
  const [constant, path] = [given[name], given[`${name}.$`]];
  const isJsonata = state.queryLanguage === "JSONata";
  const expression = isJsonata ? jsonataOf(typeof constant === "string" ? constant : "") : path;
  if (typeof expression !== "string") return typeof constant === "string" ? constant : undefined;
  const rest = expression
    .replace(/"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'/g, "")
    .replace(isDistributed(map) ? /^$/ : /\$\$\.(Execution|StateMachine)\b[\w.]*/g, "")
    .replace(isDistributed(map) ? /^$/ : /\$states\.context\.(Execution|StateMachine)\b[\w.]*/g, "")
    .replace(/States\.Format/g, "");
  return /[$\w]/.test(rest) ? undefined : expression.trim();
}

export const redrivePermissionMissing: LintRule = {
  code: "redrive-permission-missing",
  severity: "INFO",
  summary: "a redrive of the Map Run needs a permission of its own",
  check({ states }: LintModel, report) {
    const map = states.find((state) => state.type === "Map" && isDistributed(state));
    if (map === undefined) return;
    report(
      map.path,
      `the role must allow states:RedriveExecution on this state machine's own executions for "${map.name}" to be redriven: see stepwell policy`,
    );
  },
};

export const itemReaderConsoleFolder: LintRule = {
  code: "itemreader-console-folder",
  severity: "INFO",
  summary: "folders made in the S3 console are items too",
  check({ states }, report) {
    for (const map of states) {
      const reader = objectOf(map.fields["ItemReader"]);
      if (!String(reader["Resource"] ?? "").endsWith(":s3:listObjectsV2")) continue;
      const given = objectOf(reader[map.queryLanguage === "JSONata" ? "Arguments" : "Parameters"]);
      const prefix = given["Prefix"];
      if (given["StartAfter"] !== undefined || given["StartAfter.$"] !== undefined) continue;
      if (prefix !== undefined && !(typeof prefix === "string" && prefix.endsWith("/"))) continue;
      report(
        [...map.path, "ItemReader"],
        'a "folder" made in the S3 console is an empty object whose key ends in "/": it becomes an item with Size 0',
      );
    }
  },
};
