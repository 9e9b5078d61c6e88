import type { Fields } from "./field-utils.ts";
import { JsonPath } from "./json-path.ts";

export const InputType = { TEXT: 0, OBJECT: 1 } as const;
export type InputType = (typeof InputType)[keyof typeof InputType];

/** What a task is given: a text, an object, or what a path points to. */
export class TaskInput<out V = unknown> {
  static fromText(text: string): TaskInput<string> {
    return new TaskInput(InputType.TEXT, text);
  }
  static fromObject(object: Fields | readonly unknown[]): TaskInput<Fields> {
    return new TaskInput(InputType.OBJECT, object as Fields);
  }
  static fromJsonPathAt(path: string): TaskInput<string> {
    return new TaskInput(InputType.TEXT, JsonPath.stringAt(path));
  }

  /** The CDK's old name of `fromJsonPathAt`. */
  static fromDataAt(path: string): TaskInput<string> {
    return TaskInput.fromJsonPathAt(path);
  }
  /** The CDK's old name of `fromJsonPathAt`, for the context object. */
  static fromContextAt(path: string): TaskInput<string> {
    return TaskInput.fromJsonPathAt(path);
  }

  readonly type: InputType;
  readonly value: V;

  private constructor(type: InputType, value: V) {
    this.type = type;
    this.value = value;
  }
}
