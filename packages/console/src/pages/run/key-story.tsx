/** One member of the payload in sentences: where it was born, changed, last seen, and lost. */
import type { ReactElement } from "react";
import { plural } from "../../ui/format.ts";
import type { DataStep } from "./data-tab.tsx";
import { provenance } from "./provenance.ts";
import { visitLabel } from "./run-data.ts";

export interface KeyStoryProps {
  readonly name: string;
  readonly steps: readonly DataStep[];
  readonly onShow: (step: DataStep) => void;
}

/** More are in the table. */
const PLACES_MAX = 5;

export function KeyStory({ name, steps, onShow }: KeyStoryProps): ReactElement {
  const story = provenance(steps.map(({ key }) => key ?? { fate: "absent" }));
  const unknown = steps.filter(({ key }) => key?.fate === "unknown").length;
  const place = (index: number | undefined) => {
    const step = index === undefined ? undefined : steps[index];
    if (step === undefined) return null;
    return (
      <button type="button" className="button" onClick={() => onShow(step)}>
        {step.visit.name} <span className="faint">{visitLabel(step.visit)}</span>
      </button>
    );
  };
  if (story.born === undefined) {
    return (
      <section className="data-story" aria-label={`Story of ${name}`}>
        <p>
          No payload of this run has <code>{name}</code>.
        </p>
      </section>
    );
  }
  const last = story.lastSeen === undefined ? undefined : steps[story.lastSeen];
  return (
    <section className="data-story" aria-label={`Story of ${name}`} role="status">
      <ol>
        <li>
          <span className="faint">Born</span>
          <span>{story.born < 0 ? "in the run's input" : <>at {place(story.born)}</>}</span>
        </li>
        {story.changed.length > 0 && (
          <li>
            <span className="faint">Changed</span>
            <span className="row">
              at{" "}
              {story.changed.slice(0, PLACES_MAX).map((index) => (
                <span key={index}>{place(index)}</span>
              ))}
              {story.changed.length > PLACES_MAX && `and ${story.changed.length - PLACES_MAX} more`}
            </span>
          </li>
        )}
        <li>
          <span className="faint">Last seen</span>
          <span>
            {last?.key?.fate === "lost" || last?.key?.fate === "here" ? "entering" : "leaving"} {place(story.lastSeen)}
          </span>
        </li>
        {story.lost.slice(0, PLACES_MAX).map((index) => (
          <li key={index}>
            <span className="status status-quiet tone-bad">✕ Lost</span>
            <span>
              at {place(index)} {steps[index]?.reason}
            </span>
          </li>
        ))}
        {story.lost.length > PLACES_MAX && (
          <li>
            <span />
            <span className="faint">and at {plural(story.lost.length - PLACES_MAX, "more state")}</span>
          </li>
        )}
        {story.lost.length === 0 && (
          <li>
            <span className="status status-quiet tone-good">✓ Never lost</span>
            <span className="faint">at any state this run left with it.</span>
          </li>
        )}
      </ol>
      {unknown > 0 && <p className="faint">{plural(unknown, "payload")} too long to look into here.</p>}
    </section>
  );
}
