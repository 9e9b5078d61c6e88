/** Which visit of a state the URL selects: `visit` by its Entered event, else that of `event`, else the last of `state`. */
import type { UrlState } from "../../app/url-text.ts";
import type { RunFold, Visit } from "../../run-model/run-fold.ts";

export function selectedVisit(fold: RunFold, url: UrlState): Visit | undefined {
  const id = Number(url["visit"] ?? "");
  const byVisit = Number.isInteger(id) && id > 0 ? fold.visitOf(id) : undefined;
  if (byVisit !== undefined && byVisit.id === id) return byVisit;
  if (url["state"] !== undefined) return mostTelling(fold, url["state"]);
  const event = Number(url["event"] ?? "");
  return Number.isInteger(event) && event > 0 ? fold.visitOf(event) : undefined;
}

/** Of a state entered more than once: the last that failed, else the last. */
function mostTelling(fold: RunFold, name: string): Visit | undefined {
  const summary = fold.summary(name);
  if (summary === undefined || summary.failed + summary.caught === 0) return summary?.last;
  return (
    fold.visits.findLast(
      (visit) => visit.name === name && (visit.status === "FAILED" || visit.status === "TIMED_OUT"),
    ) ??
    fold.visits.findLast((visit) => visit.name === name && visit.status === "CAUGHT") ??
    summary.last
  );
}
