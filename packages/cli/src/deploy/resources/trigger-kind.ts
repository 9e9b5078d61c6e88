/** Resources that start state machines, in the plan and in the service: a trigger each. */
import type { Json } from "@stepwell/core";
import { matchesPattern, scheduleOf, type TriggerContent, type TriggerTarget, triggerProblems } from "@stepwell/engine";
import { shown } from "../problem.ts";
import type { ResourceValues } from "../resolve/scope.ts";
import type { PlanContext, PlannedResource, ResourceKind } from "./resource-kind.ts";

export interface PlannedTarget {
  /** Below the resource's properties. */
  readonly place: string;
  readonly arn: Json | undefined;
  /** Absent: not a state machine of this service. */
  readonly served?: TriggerTarget;
}

export interface PlannedTrigger {
  readonly name: string;
  readonly reference: string;
  readonly arn: string;
  /** Without targets. */
  readonly content: TriggerContent;
  readonly targets: readonly PlannedTarget[];
  /** Why nothing ever happens that would start a target. */
  readonly whyNot: string | undefined;
}

const NAME_ONLY = "a name only";

export function triggerKind(read: (context: PlanContext) => PlannedTrigger): ResourceKind {
  return {
    takesValues: false,
    plan(context): PlannedResource {
      const planned = read(context);
      const { name, reference, arn } = planned;
      const values: ResourceValues = { reference, attributes: { Arn: arn, Name: name } };
      const served = planned.targets.flatMap((target) => target.served ?? []);
      tellLimits(planned, context);
      if (served.length === 0 || planned.whyNot !== undefined) return onlyName(planned, values, context);
      const content: TriggerContent = { ...planned.content, targets: served };
      tellProblems(planned, content, context);
      return {
        ...values,
        physicalId: name,
        desired: { arn, ...content } as unknown as Json,
        where: whereOf(content),
        async apply({ target }) {
          await target.triggers.put(arn, content);
          return values;
        },
      };
    },
    async exists({ attributes, where }, { target }) {
      return where === NAME_ONLY || (await target.triggers.find(String(attributes["Arn"]))) !== undefined;
    },
    async remove({ attributes, where }, { target }) {
      if (where !== NAME_ONLY) await target.triggers.delete(String(attributes["Arn"]));
    },
  };
}

/** What it was before, if it was more, goes. */
function onlyName({ name, arn }: PlannedTrigger, values: ResourceValues, { previous }: PlanContext): PlannedResource {
  const wasMore = previous !== undefined && previous.where !== NAME_ONLY;
  return {
    ...values,
    physicalId: name,
    desired: { name },
    where: NAME_ONLY,
    ...(wasMore && {
      async apply({ target }) {
        await target.triggers.delete(String(previous.attributes["Arn"] ?? arn));
        return values;
      },
    }),
  };
}

function whereOf({ scheduleExpression, scheduleExpressionTimezone, state, targets }: TriggerContent): string {
  const names = targets.map(({ arn }) => arn.split(":").slice(6).join(":")).join(", ");
  const zone = scheduleExpressionTimezone === undefined ? "" : ` ${scheduleExpressionTimezone}`;
  const when = scheduleExpression === undefined ? "by status events" : `at ${scheduleExpression}${zone}`;
  return `starts ${names} ${when}${state === "DISABLED" ? ", disabled" : ""}`;
}

/** What of it is not done here. */
function tellLimits({ targets, whyNot }: PlannedTrigger, { declaration, warn }: PlanContext): void {
  const about = `${declaration.logicalId} (${declaration.type})`;
  if (whyNot !== undefined) warn(`${about}: it starts nothing here: ${whyNot}`);
  for (const { place, arn, served } of whyNot === undefined ? targets : [])
    if (served === undefined)
      warn(`${about}: ${place} is not called: state machines of this service are, not ${shown(arn ?? null)}`);
}

function tellProblems({ targets, arn }: PlannedTrigger, content: TriggerContent, context: PlanContext): void {
  const places = targets.filter(({ served }) => served !== undefined).map(({ place }) => place);
  for (const { path, message } of triggerProblems(arn, content)) {
    const [, index, rest = ""] = /^\/targets\/(\d+)(.*)$/.exec(path) ?? [];
    const place = index === undefined ? inTemplate(path) : `${places[Number(index)]}${inTemplate(rest)}`;
    context.problem(place.replace(/^\//, ""), message);
  }
  const isRound = content.eventPattern !== undefined && content.targets.some((target) => meansItself(content, target));
  const about = `${context.declaration.logicalId} (${context.declaration.type})`;
  if (isRound) context.warn(`${about}: executions it starts make events that it means: it may go round for ever`);
  const times = scheduleOf(arn, content, Date.now());
  const isOver = typeof times === "object" && times.kind === "at" && times.next(Date.now()) === undefined;
  if (isOver) context.warn(`${about}: ${content.scheduleExpression} is over: it starts nothing any more`);
}

/** `/inputTransformer/inputTemplate` is `/InputTransformer/InputTemplate`. */
function inTemplate(path: string): string {
  return path.replace(/\/([a-z])(?=[^/]*)/g, (_, initial: string) => `/${initial.toUpperCase()}`);
}

/** The only events there are here. */
export const STATUS_EVENT = { source: "aws.states", "detail-type": "Step Functions Execution Status Change" };

/** Whether the events of executions of a target are among those that start it. */
function meansItself({ eventPattern = {} }: TriggerContent, { arn }: TriggerTarget): boolean {
  if (
    triggerProblems("arn:aws:events:us-east-1:123456789012:rule/x", { eventPattern, state: "ENABLED", targets: [] })
      .length > 0
  )
    return false;
  const stateMachineArn = arn.split(":").slice(0, 7).join(":");
  return ["RUNNING", "SUCCEEDED", "FAILED", "TIMED_OUT", "ABORTED"].some((status) =>
    matchesPattern(eventPattern, { ...STATUS_EVENT, detail: { status, stateMachineArn } }),
  );
}
