// Data that is not where it is looked for.
import type { DefinitionPath } from "../../definition/findings.ts";
import type { Json } from "../../json.ts";
import {
  holdersOf,
  isDistributed,
  jsonataOf,
  type LintState,
  listOf,
  objectOf,
  ownTexts,
  textsIn,
  transitionsOf,
  within,
} from "../lint-model.ts";
import type { LintRule } from "../lint-rule.ts";

export const passResultWithPath: LintRule = {
  code: "pass-result-with-path",
  severity: "WARNING",
  summary: "paths in the Result of a Pass state are only texts",
  check({ states }, report) {
    for (const state of states) {
      if (state.type !== "Pass" || state.queryLanguage !== "JSONPath") continue;
      for (const { text, path } of pathLike(state.fields["Result"], [...state.path, "Result"])) {
        report(path, `"${text}" is a text here: only Parameters evaluates paths, under names that end in ".$"`);
      }
    }
  },
};

function* pathLike(value: Json | undefined, path: DefinitionPath): Generator<{ text: string; path: DefinitionPath }> {
  for (const found of textsIn(value, path)) {
    if (/^(\$\.|\$\$\.|\$\[|States\.\w+\()/.test(found.text)) yield found;
  }
}

/** Members of the results of optimised integrations: what a path into them may begin with. */
const RESULTS: { readonly [call: string]: readonly string[] } = {
  "lambda invoke": [
    "ExecutedVersion",
    "FunctionError",
    "LogResult",
    "Payload",
    "SdkHttpMetadata",
    "SdkResponseMetadata",
    "StatusCode",
  ],
  "sqs sendMessage": [
    "MD5OfMessageAttributes",
    "MD5OfMessageBody",
    "MD5OfMessageSystemAttributes",
    "MessageId",
    "SdkHttpMetadata",
    "SdkResponseMetadata",
    "SequenceNumber",
  ],
  "sns publish": ["MessageId", "SdkHttpMetadata", "SdkResponseMetadata", "SequenceNumber"],
  "dynamodb getItem": ["ConsumedCapacity", "Item", "SdkHttpMetadata", "SdkResponseMetadata"],
  "dynamodb putItem": [
    "Attributes",
    "ConsumedCapacity",
    "ItemCollectionMetrics",
    "SdkHttpMetadata",
    "SdkResponseMetadata",
  ],
  "dynamodb updateItem": [
    "Attributes",
    "ConsumedCapacity",
    "ItemCollectionMetrics",
    "SdkHttpMetadata",
    "SdkResponseMetadata",
  ],
  "dynamodb deleteItem": [
    "Attributes",
    "ConsumedCapacity",
    "ItemCollectionMetrics",
    "SdkHttpMetadata",
    "SdkResponseMetadata",
  ],
  "events putEvents": ["Entries", "FailedEntryCount", "SdkHttpMetadata", "SdkResponseMetadata"],
  "http invoke": ["Headers", "ResponseBody", "StatusCode", "StatusText"],
};

export const resultShape: LintRule = {
  code: "result-shape",
  severity: "WARNING",
  summary: "the integration's result has no such member",
  check({ states }, report) {
    for (const state of states) {
      const { resource } = state;
      if (resource?.kind !== "service" || resource.pattern !== "requestResponse") continue;
      const call = `${resource.service} ${resource.action}`;
      const members = Object.hasOwn(RESULTS, call) ? RESULTS[call] : undefined;
      if (members === undefined) continue;
      for (const { member, path } of readsOfResult(state)) {
        if (members.includes(member)) continue;
        report(
          path,
          `the result of ${resource.service}:${resource.action} has no "${member}"; it has ${members.join(", ")}`,
        );
      }
    }
  },
};

/**
 * First members that are read from the result as a whole: by ResultSelector, Output, Assign and OutputPath of the state itself,
 * and by the state after it where no other way leads there.
 */
function* readsOfResult(state: LintState): Generator<{ member: string; path: DefinitionPath }> {
  yield* ownReads(state);
  yield* nextReads(state);
}

const NAME = "[A-Za-z_]\\w*";

function* nextReads(state: LintState): Generator<{ member: string; path: DefinitionPath }> {
  const { fields, queryLanguage } = state;
  const next = onlySuccessor(state);
  if (next === undefined || next.queryLanguage !== queryLanguage) return;
  if (queryLanguage === "JSONata") {
    if (fields["Output"] !== undefined) return;
    for (const { text, path } of ownTexts(next)) {
      if (/\$exists\(|\$lookup\(/.test(text)) continue;
      for (const match of (jsonataOf(text) ?? "").matchAll(/\$states\.input\.([A-Za-z_]\w*)/g))
        yield { member: match[1] as string, path };
    }
    return;
  }
  const where = fields["ResultPath"] === undefined ? "$" : fields["ResultPath"];
  if (fields["ResultSelector"] !== undefined || fields["OutputPath"] !== undefined) return;
  if (typeof where !== "string" || !/^\$(\.[A-Za-z_]\w*)*$/.test(where)) return;
  const read = new RegExp(`^${where.replaceAll("$", "\\$").replaceAll(".", "\\.")}\\.(${NAME})`);
  for (const { text, path } of readsOfInput(next)) {
    const member = read.exec(text)?.[1];
    if (member !== undefined) yield { member, path };
  }
}

/** The state that comes next, where one comes there in no other way. */
function onlySuccessor({ block, fields, name }: LintState): LintState | undefined {
  const next = fields["Next"];
  if (typeof next !== "string" || next === name || block.startAt === next) return undefined;
  const ways = block.states.flatMap(transitionsOf).filter(({ to }) => to === next);
  return ways.length === 1 ? block.states.find((state) => state.name === next) : undefined;
}

/** Paths of a JSONPath state that begin at its input. */
function* readsOfInput({ fields, path, type }: LintState): Generator<{ text: string; path: DefinitionPath }> {
  const { InputPath: inputPath } = fields;
  if (inputPath !== undefined) {
    if (typeof inputPath === "string") yield { text: inputPath, path: [...path, "InputPath"] };
    return;
  }
  for (const [name, value] of Object.entries(fields)) {
    if (["ResultSelector", "ResultPath", "OutputPath", "Assign", "Catch", "Branches"].includes(name)) continue;
    if (["ItemProcessor", "Iterator", "Comment", "Result"].includes(name)) continue;
    // Not to say what a rule asks for by IsPresent.
    if (name === "Choices" && JSON.stringify(value).includes('"IsPresent"')) continue;
    for (const found of textsIn(value, [...path, name])) {
      const key = String(found.path.at(-1));
      if (key.endsWith(".$") || key.endsWith("Path") || (type === "Choice" && key === "Variable")) yield found;
    }
  }
}

/** First members of what ResultSelector, Output and Assign read from the result. */
function* ownReads(state: LintState): Generator<{ member: string; path: DefinitionPath }> {
  if (state.queryLanguage === "JSONPath") {
    const { OutputPath: outputPath, ResultPath: resultPath = "$", ResultSelector: selector } = state.fields;
    const whole = typeof outputPath === "string" && resultPath === "$" && selector === undefined ? outputPath : "";
    const first = /^\$\.([A-Za-z_]\w*)/.exec(whole)?.[1];
    if (first !== undefined) yield { member: first, path: [...state.path, "OutputPath"] };
    for (const { text, path } of textsIn(state.fields["ResultSelector"], [...state.path, "ResultSelector"])) {
      const member = String(path.at(-1)).endsWith(".$") ? /^\$\.([A-Za-z_]\w*)/.exec(text)?.[1] : undefined;
      if (member !== undefined) yield { member, path };
    }
    return;
  }
  for (const field of ["Output", "Assign"]) {
    for (const { text, path } of textsIn(state.fields[field], [...state.path, field])) {
      for (const match of (jsonataOf(text) ?? "").matchAll(/\$states\.result\.([A-Za-z_]\w*)/g)) {
        yield { member: match[1] as string, path };
      }
    }
  }
}

export const distributedOuterVariable: LintRule = {
  code: "distributed-outer-variable",
  severity: "ERROR",
  summary: "children of a distributed Map do not see the parent's variables",
  check({ states }, report) {
    const distributed = states.filter((state) => state.type === "Map" && isDistributed(state));
    if (distributed.length === 0) return;
    const assigned = new Map<string, LintState[]>();
    for (const state of states) {
      for (const name of assignedBy(state)) assigned.set(name, [...(assigned.get(name) ?? []), state]);
    }
    for (const map of distributed) {
      for (const state of map.blocks.flatMap((block) => [...within(block)])) {
        for (const { name, path } of variablesIn(state)) {
          const by = assigned.get(name) ?? [];
          if (by.length === 0 || by.some((other) => isInside(other, map))) continue;
          report(
            path,
            `$${name} is assigned outside of "${map.name}", whose children do not see it: pass it in by ItemSelector`,
          );
        }
      }
    }
  },
};

function isInside(state: LintState, map: LintState): boolean {
  for (const holder of holdersOf(state)) if (holder === map) return true;
  return false;
}

function assignedBy({ fields }: LintState): string[] {
  const holders = [fields, ...listOf(fields["Catch"]).map(objectOf), ...listOf(fields["Choices"]).map(objectOf)];
  return holders.flatMap((holder) => Object.keys(objectOf(holder["Assign"])).map((name) => name.replace(/\.\$$/, "")));
}

/** References to variables: `$name` that is neither a function nor `$states`, nor bound in the expression itself. */
function* variablesIn(state: LintState): Generator<{ name: string; path: DefinitionPath }> {
  for (const { text, path } of ownTexts(state)) {
    const expression = state.queryLanguage === "JSONata" ? jsonataOf(text) : isPathText(text, path) ? text : undefined;
    if (expression === undefined) continue;
    const bound = new Set([...expression.matchAll(/\$([A-Za-z_]\w*)\s*:=/g)].map((match) => match[1]));
    for (const match of expression.matchAll(/function\s*\(([^)]*)\)/g)) {
      for (const name of (match[1] ?? "").split(",")) bound.add(name.trim().replace(/^\$/, ""));
    }
    for (const match of withoutTexts(expression).matchAll(/\$([A-Za-z_]\w*)(?!\w*\s*\()/g)) {
      const name = match[1] as string;
      if (name !== "states" && !bound.has(name)) yield { name, path };
    }
  }
}

function isPathText(text: string, path: DefinitionPath): boolean {
  return /^(\$|States\.)/.test(text) && /(\.\$|Path)$/.test(String(path.at(-1)));
}

/** An expression without what stands in quotation marks, of the same length. */
function withoutTexts(expression: string): string {
  return expression.replace(/"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|`[^`]*`/g, (quoted) => " ".repeat(quoted.length));
}

/** Nor what stands in a regular expression, which begins where a value may begin. */
function withoutPatterns(expression: string): string {
  return expression.replace(/([(,[=:?&~>]\s*|^\s*)\/(?:[^/\\\n]|\\.)+\/[im]*/g, (found) => " ".repeat(found.length));
}

export const jsonata21Syntax: LintRule = {
  code: "jsonata-2.1-syntax",
  severity: "ERROR",
  summary: "an operator of JSONata 2.1; Step Functions has 2.0",
  check({ states }, report) {
    for (const state of states) {
      if (state.queryLanguage !== "JSONata") continue;
      for (const { text, path } of ownTexts(state)) {
        const operator = /\?\?|\?:/.exec(withoutPatterns(withoutTexts(jsonataOf(text) ?? "")))?.[0];
        if (operator === undefined) continue;
        report(path, `"${operator}" came with JSONata 2.1, Step Functions has 2.0: write "$exists(a) ? a : b"`);
      }
    }
  },
};

/** A path of two members or more, and nothing else. */
const BARE_PATH = /^\s*\$states\.(input|result)(\.[A-Za-z_]\w*){2,}\s*$/;

/** Members that an answer of AWS has only sometimes: what pages have, and what was looked for. */
const SOMETIMES = /\.(?:Attributes|Items?|[A-Za-z]*(?:Error|Marker|Message|Reason|Token)s?)\b/;

/** A member of what an API of AWS answers: there, unless it is one of those. What a function or a model answers is anything. */
function isOfEveryAnswer({ resource }: LintState, expression: string): boolean {
  if (!expression.includes("$states.result") || resource === undefined || !("service" in resource)) return false;
  const isApi = resource.service.startsWith("aws-sdk:") && !/:(?:lambda$|.*runtime$)/.test(resource.service);
  return isApi && resource.pattern === "requestResponse" && !SOMETIMES.test(expression);
}

export const jsonataUndefinedRisk: LintRule = {
  code: "jsonata-undefined-risk",
  severity: "INFO",
  summary: "an expression that gives nothing fails the state",
  check({ states }, report) {
    for (const state of states) {
      if (state.queryLanguage !== "JSONata") continue;
      for (const field of ["Arguments", "Output", "Assign", "Items"]) {
        for (const { text, path } of textsIn(state.fields[field], [...state.path, field])) {
          const expression = jsonataOf(text);
          if (expression === undefined || !BARE_PATH.test(expression) || isOfEveryAnswer(state, expression)) continue;
          report(
            path,
            `when ${expression.trim()} is not there, "${state.name}" fails with States.QueryEvaluationError: give another value by $exists`,
          );
        }
      }
    }
  },
};
