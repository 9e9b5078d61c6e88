import type { StoredActivity } from "../ports/catalog-store.ts";
import { Rejection } from "../rejection.ts";
import { activityArnOf, parseActivityArn } from "./arn.ts";
import type { ActivitySummary, Catalog, CreateActivity } from "./catalog.ts";
import { type CatalogContext, changing } from "./catalog-context.ts";
import { checkName } from "./names.ts";
import { completeEncryption } from "./state-machine-configuration.ts";
import { mergeTags } from "./tags.ts";

type ActivityOperations = Pick<
  Catalog,
  "createActivity" | "describeActivity" | "hasActivity" | "listActivities" | "deleteActivity"
>;

export function activities(context: CatalogContext): ActivityOperations {
  return {
    createActivity: (request) => createActivity(context, request),
    async describeActivity(activityArn) {
      parseActivityArn(activityArn);
      const activity = await context.store.activity(activityArn);
      if (activity === undefined) throw activityDoesNotExist(activityArn);
      return { ...summaryOf(activity), encryptionConfiguration: activity.encryptionConfiguration };
    },
    hasActivity: async (activityArn) => (await context.store.activity(activityArn)) !== undefined,
    async listActivities({ limit, cursor }) {
      const rows = await context.store.activities(cursor, limit + 1);
      const items = rows.slice(0, limit).map(summaryOf);
      const last = rows.length > limit ? items.at(-1) : undefined;
      return last === undefined ? { items } : { items, cursor: last.activityArn };
    },
    async deleteActivity(activityArn) {
      parseActivityArn(activityArn);
      await changing(
        (etag: string) => context.store.commitActivity(activityArn, etag, undefined),
        async () => {
          const activity = await context.store.activity(activityArn);
          return activity === undefined ? { answer: undefined } : { change: activity.etag, answer: undefined };
        },
      );
    },
  };
}

function activityDoesNotExist(activityArn: string): Rejection {
  return new Rejection("ActivityDoesNotExist", `Activity Does Not Exist: '${activityArn}'`);
}

async function createActivity(
  context: CatalogContext,
  request: CreateActivity,
): ReturnType<ActivityOperations["createActivity"]> {
  checkName(request.name);
  const activityArn = activityArnOf(context.identity, request.name);
  const encryptionConfiguration = completeEncryption(request.encryptionConfiguration);
  const tags = mergeTags(activityArn, [], request.tags ?? []);
  return changing(
    (activity: StoredActivity) => context.store.commitActivity(activityArn, undefined, activity),
    async () => {
      const existing = await context.store.activity(activityArn);
      if (existing !== undefined) {
        checkSameEncryption(existing, encryptionConfiguration);
        return { answer: { activityArn, creationDate: existing.creationDate } };
      }
      await checkQuota(context);
      const creationDate = context.clock.now();
      const etag = context.ids.uuid();
      const activity = { activityArn, name: request.name, creationDate, encryptionConfiguration, tags, etag };
      return { change: activity, answer: { activityArn, creationDate } };
    },
  );
}

/** Throws ActivityAlreadyExists: an activity's encryption cannot be changed. */
function checkSameEncryption(existing: StoredActivity, wanted: StoredActivity["encryptionConfiguration"]): void {
  const { type, kmsKeyId, kmsDataKeyReusePeriodSeconds } = existing.encryptionConfiguration;
  const same =
    type === wanted.type &&
    kmsKeyId === wanted.kmsKeyId &&
    kmsDataKeyReusePeriodSeconds === wanted.kmsDataKeyReusePeriodSeconds;
  if (!same) throw new Rejection("ActivityAlreadyExists", `Activity Already Exists: '${existing.activityArn}'`);
}

async function checkQuota(context: CatalogContext): Promise<void> {
  const { activities } = await context.store.count();
  if (activities < context.quotas.activities) return;
  throw new Rejection("ActivityLimitExceeded", `Activity Limit Exceeded: the account has ${activities} activities`);
}

function summaryOf({ activityArn, name, creationDate }: StoredActivity): ActivitySummary {
  return { activityArn, name, creationDate };
}
