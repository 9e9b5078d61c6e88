import type { ReactElement } from "react";
import { parseJson } from "../../ui/json-diff.ts";
import { JsonDiffView, JsonView } from "../../ui/json-view.tsx";

export interface DataPairProps {
  readonly input: string;
  readonly output: string | undefined;
}

/** Input and what became of it. */
export function DataPair({ input, output }: DataPairProps): ReactElement {
  const [before, after] = [parseJson(input), parseJson(output)];
  return (
    <>
      <section className="stage">
        <h3>Input</h3>
        <JsonView text={input} label="input" />
      </section>
      {before !== undefined && after !== undefined && (
        <section className="stage">
          <h3>Output, against the input</h3>
          <JsonDiffView before={before} after={after} label="difference of input and output" />
        </section>
      )}
    </>
  );
}
