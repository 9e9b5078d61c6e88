/** Time triggers (cloudflow.md 3.4). */
import type { Schedule, ScheduleContent } from "@stepwell/engine";
import { type Actions, timeText, tokenOf } from "../action.ts";
import type { Parameters } from "../parameters.ts";

const LIST_DEFAULT = 60;
const LIST_MAX = 1_000;

const ABOUT_ONE = ["FlowName", "ScheduleName"] as const;

export const SCHEDULE_ACTIONS: Actions = {
  CreateSchedule: {
    awsAction: "UpdateStateMachine",
    flowParameter: "FlowName",
    required: [...ABOUT_ONE, "CronExpression"],
    async perform({ schedules, parameters, tag }) {
      const name = parameters.name("ScheduleName");
      const cronExpression = parameters.required("CronExpression");
      const defaults = { description: "", payload: "", enable: true };
      const content = { ...defaults, ...contentOf(parameters), cronExpression };
      const schedule = await schedules.create(parameters.required("FlowName"), name, content);
      tag(schedule.etag);
      return scheduleView(schedule);
    },
  },
  UpdateSchedule: {
    awsAction: "UpdateStateMachine",
    flowParameter: "FlowName",
    required: ABOUT_ONE,
    async perform({ schedules, parameters, expectedEtag, tag }) {
      const [flow, name] = [parameters.required("FlowName"), parameters.required("ScheduleName")];
      const schedule = await schedules.update(flow, name, contentOf(parameters), expectedEtag);
      tag(schedule.etag);
      return scheduleView(schedule);
    },
  },
  DeleteSchedule: {
    awsAction: "UpdateStateMachine",
    flowParameter: "FlowName",
    required: ABOUT_ONE,
    async perform({ schedules, parameters, expectedEtag }) {
      await schedules.delete(parameters.required("FlowName"), parameters.required("ScheduleName"), expectedEtag);
      return {};
    },
  },
  DescribeSchedule: {
    awsAction: "DescribeStateMachine",
    flowParameter: "FlowName",
    required: ABOUT_ONE,
    async perform({ schedules, parameters, tag }) {
      const schedule = await schedules.describe(parameters.required("FlowName"), parameters.required("ScheduleName"));
      tag(schedule.etag);
      return scheduleView(schedule);
    },
  },
  ListSchedules: {
    awsAction: "DescribeStateMachine",
    flowParameter: "FlowName",
    required: ["FlowName"],
    async perform({ schedules, parameters }) {
      const limit = parameters.number("Limit", 1, LIST_MAX) ?? LIST_DEFAULT;
      const page = await schedules.list(parameters.required("FlowName"), tokenOf(parameters), limit);
      return {
        Schedules: page.items.map(scheduleView),
        ...(page.next === undefined ? {} : { NextToken: page.next }),
      };
    },
  },
};

/** What is given; the payload is the text of a JSON object. */
function contentOf(parameters: Parameters): Partial<ScheduleContent> {
  const cronExpression = parameters.optional("CronExpression") || undefined;
  const description = parameters.optional("Description");
  const enable = parameters.flag("Enable");
  return {
    ...(cronExpression === undefined ? {} : { cronExpression }),
    ...(description === undefined ? {} : { description }),
    ...(parameters.has("Payload") ? { payload: parameters.objectText("Payload", "") } : {}),
    ...(enable === undefined ? {} : { enable }),
  };
}

function scheduleView(schedule: Schedule): object {
  return {
    ScheduleId: schedule.id,
    ScheduleName: schedule.name,
    CronExpression: schedule.cronExpression,
    Description: schedule.description,
    Payload: schedule.payload,
    Enable: schedule.enable,
    CreatedTime: timeText(schedule.createdAt),
    LastModifiedTime: timeText(schedule.modifiedAt),
  };
}
