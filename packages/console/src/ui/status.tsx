/** A status is an icon, a word and a colour: never a colour alone. */
import type { ReactElement } from "react";
import { Icon, type IconName } from "./icon.tsx";

interface Look {
  readonly word: string;
  readonly icon: IconName;
  /** Names the colour: `tone-…` in console.css. */
  readonly tone: "run" | "good" | "bad" | "late" | "off" | "idle" | "warn";
}

const LOOKS: Readonly<Record<string, Look>> = {
  RUNNING: { word: "Running", icon: "running", tone: "run" },
  SUCCEEDED: { word: "Succeeded", icon: "check", tone: "good" },
  FAILED: { word: "Failed", icon: "cross", tone: "bad" },
  TIMED_OUT: { word: "Timed out", icon: "clock", tone: "late" },
  ABORTED: { word: "Aborted", icon: "slash", tone: "off" },
  PENDING: { word: "Pending", icon: "circle", tone: "idle" },
  PENDING_REDRIVE: { word: "Pending redrive", icon: "redrive", tone: "idle" },
  WAITING: { word: "Waiting", icon: "waiting", tone: "run" },
  RETRYING: { word: "Retrying", icon: "redrive", tone: "warn" },
  CAUGHT: { word: "Caught", icon: "warning", tone: "warn" },
  CAUGHT_ERROR: { word: "Caught", icon: "warning", tone: "warn" },
  RETRIABLE: { word: "Would retry", icon: "redrive", tone: "warn" },
  NOT_ENTERED: { word: "Not entered", icon: "circle", tone: "idle" },
  ACTIVE: { word: "Active", icon: "check", tone: "good" },
  DELETING: { word: "Deleting", icon: "cross", tone: "off" },
};

/** How a status looks; one that is not known looks idle and keeps its own word. */
export function statusLook(status: string): Look {
  return LOOKS[status] ?? { word: status, icon: "circle", tone: "idle" };
}

export function Status({ status, quiet = false }: { readonly status: string; readonly quiet?: boolean }): ReactElement {
  const { word, icon, tone } = statusLook(status);
  return (
    <span className={`status tone-${tone}${quiet ? " status-quiet" : ""}`}>
      <Icon name={icon} size={13} />
      {word}
    </span>
  );
}
