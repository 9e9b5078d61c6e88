/** The rules of a Choice as they were looked at, with the values they saw. */
import type { ReactElement } from "react";
import type { ChoiceRuleWhy, ChoiceTest } from "./choice-why.ts";
import "./why.css";

export interface ChoiceViewProps {
  readonly rules: readonly ChoiceRuleWhy[];
  readonly otherwise: string | undefined;
  /** Where the run went. */
  readonly next: string | undefined;
}

/** Of a long list the last ones: those before the rule that matched. */
const RULES_SHOWN = 8;

export function ChoiceView({ rules, otherwise, next }: ChoiceViewProps): ReactElement {
  const matched = rules.find(({ holds }) => holds === true);
  const hidden = Math.max(0, rules.length - RULES_SHOWN);
  return (
    <section className="stack" aria-label="Why this way">
      <h3>Why {matched?.next ?? otherwise ?? next ?? "this way"}</h3>
      {hidden > 0 && <p className="faint">Rules 1 to {hidden} did not match.</p>}
      {rules.slice(hidden).map((rule) => (
        <Rule key={rule.number} rule={rule} />
      ))}
      {matched === undefined && (
        <div className={`why-rule${otherwise === undefined ? "" : " is-matched"}`}>
          {otherwise === undefined ? (
            <span className="status status-quiet tone-bad">✕ No rule matched, and there is no Default</span>
          ) : (
            <span>
              No rule matched: the <strong>default</strong> leads to <strong>{otherwise}</strong>.
            </span>
          )}
        </div>
      )}
    </section>
  );
}

function Rule({ rule: { number, next, holds, tests } }: { readonly rule: ChoiceRuleWhy }): ReactElement {
  return (
    <div className={`why-rule${holds === true ? " is-matched" : ""}`}>
      <div className="why-rule-head">
        <strong>Rule {number}</strong>
        <span className={`status status-quiet tone-${holds === true ? "good" : "idle"}`}>
          {holds === true ? "✓ matched" : holds === false ? "did not match" : "cannot be told"}
        </span>
        <span className="grow" />
        <span className="faint">
          {holds === true ? "leads" : "would lead"} to {next}
        </span>
      </div>
      {tests.map((test, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a test is its place in the rule
        <Test key={index} test={test} />
      ))}
    </div>
  );
}

function Test({ test: { depth, text, values, holds } }: { readonly test: ChoiceTest }): ReactElement {
  const tone = holds === true ? "good" : holds === false ? "bad" : "idle";
  const word = holds === true ? "holds" : holds === false ? "does not hold" : "cannot be told";
  return (
    <div className="why-test" style={{ marginInlineStart: depth * 16 }}>
      <span className={`status status-quiet tone-${tone}`}>
        <span aria-hidden="true">{holds === true ? "✓" : holds === false ? "✕" : "?"}</span>
        <span className="visually-hidden">{word}</span>
      </span>
      <span className="wrap">
        <code>{text}</code>
        {values.map(([expression, value]) => (
          <span key={expression} className="why-values">
            {" · "}
            <code>
              {expression} = {value}
            </code>
          </span>
        ))}
      </span>
    </div>
  );
}
