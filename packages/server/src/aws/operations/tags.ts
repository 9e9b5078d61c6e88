import type { Operation } from "../operation.ts";

export const listTagsForResource: Operation<"ListTagsForResource"> = async (input, { catalog }) => ({
  tags: await catalog.tags(input.resourceArn),
});

export const tagResource: Operation<"TagResource"> = async (input, { catalog }) => {
  await catalog.tag(input.resourceArn, input.tags);
  return {};
};

export const untagResource: Operation<"UntagResource"> = async (input, { catalog }) => {
  await catalog.untag(input.resourceArn, input.tagKeys);
  return {};
};
