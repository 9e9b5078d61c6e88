import type { StateMachineChange, StoredActivity, Tag } from "../ports/catalog-store.ts";
import { Rejection } from "../rejection.ts";
import { parseStateMachineArn, taggableKind } from "./arn.ts";
import type { Catalog } from "./catalog.ts";
import { type CatalogContext, changing, findStateMachine } from "./catalog-context.ts";
import { mergeTags, removeTags } from "./tags.ts";

type TagOperations = Pick<Catalog, "tags" | "tag" | "untag">;

export function tagging(context: CatalogContext): TagOperations {
  return {
    tags: async (arn) => (await findTagged(context, arn)).tags,
    tag: (arn, added) => changeTags(context, arn, (tags) => mergeTags(arn, tags, added)),
    untag: (arn, keys) => changeTags(context, arn, (tags) => removeTags(tags, keys)),
  };
}

/** A resource with its tags, and how to write other ones: `false` when it has changed meanwhile. */
interface Tagged {
  readonly tags: readonly Tag[];
  write(tags: readonly Tag[]): Promise<boolean>;
}

async function findTagged(context: CatalogContext, arn: string): Promise<Tagged> {
  const tagged =
    taggableKind(arn) === "activity" ? await taggedActivity(context, arn) : await taggedStateMachine(context, arn);
  if (tagged === undefined) {
    throw new Rejection("ResourceNotFound", `Resource not found: '${arn}'`, { resourceName: arn });
  }
  return tagged;
}

async function taggedActivity(context: CatalogContext, arn: string): Promise<Tagged | undefined> {
  const activity = await context.store.activity(arn);
  if (activity === undefined) return undefined;
  return {
    tags: activity.tags,
    write(tags) {
      const changed: StoredActivity = { ...activity, tags, etag: context.ids.uuid() };
      return context.store.commitActivity(arn, activity.etag, changed);
    },
  };
}

async function taggedStateMachine(context: CatalogContext, arn: string): Promise<Tagged | undefined> {
  const { stateMachineArn, version, alias } = parseStateMachineArn(arn);
  // Tags belong to the state machine as a whole. Developer guide, "State machine versions".
  if (version !== undefined || alias !== undefined) return undefined;
  const row = await findStateMachine(context, stateMachineArn);
  if (row === undefined) return undefined;
  return {
    tags: row.tags,
    write(tags) {
      const change: StateMachineChange = {
        stateMachineArn,
        expectedEtag: row.etag,
        stateMachine: { ...row, tags, etag: context.ids.uuid() },
      };
      return context.store.commitStateMachine(change);
    },
  };
}

async function changeTags(
  context: CatalogContext,
  arn: string,
  edit: (tags: readonly Tag[]) => readonly Tag[],
): Promise<void> {
  await changing(
    (write: () => Promise<boolean>) => write(),
    async () => {
      const tagged = await findTagged(context, arn);
      const tags = edit(tagged.tags);
      return { change: () => tagged.write(tags), answer: undefined };
    },
  );
}
