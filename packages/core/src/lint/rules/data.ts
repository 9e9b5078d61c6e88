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

/** First members of what ResultSelector, Output and Assign read from the result. */
function* readsOfResult(state: LintState): Generator<{ member: string; path: DefinitionPath }> {
  if (state.queryLanguage === "JSONPath") {
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

export const jsonata21Syntax: LintRule = {
  code: "jsonata-2.1-syntax",
  severity: "ERROR",
  summary: "an operator of JSONata 2.1; Step Functions has 2.0",
  check({ states }, report) {
    for (const state of states) {
      if (state.queryLanguage !== "JSONata") continue;
      for (const { text, path } of ownTexts(state)) {
        const operator = /\?\?|\?:/.exec(withoutTexts(jsonataOf(text) ?? ""))?.[0];
        if (operator === undefined) continue;
        report(path, `"${operator}" came with JSONata 2.1, Step Functions has 2.0: write "$exists(a) ? a : b"`);
      }
    }
  },
};

/** A path of two members or more, and nothing else. */
const BARE_PATH = /^\s*\$states\.(input|result)(\.[A-Za-z_]\w*){2,}\s*$/;

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
          if (expression === undefined || !BARE_PATH.test(expression)) continue;
          report(
            path,
            `when ${expression.trim()} is not there, "${state.name}" fails with States.QueryEvaluationError: give another value by $exists`,
          );
        }
      }
    }
  },
};
