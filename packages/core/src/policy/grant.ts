import type { Json, JsonObject } from "../json.ts";

/** Where a state machine lives; what stands in the ARNs of its policy. */
export interface PolicyPlace {
  readonly partition: string;
  readonly region: string;
  readonly accountId: string;
  /** Of the state machine. */
  readonly name: string;
}

export interface Grant {
  readonly actions: readonly string[];
  readonly resources: readonly string[];
  readonly condition?: JsonObject;
}

/** The parameters of a task as far as the definition says them. */
export class Parameters {
  readonly #values: JsonObject;
  readonly #note: (message: string) => void;
  readonly place: PolicyPlace;

  constructor(values: JsonObject, place: PolicyPlace, note: (message: string) => void) {
    this.#values = values;
    this.place = place;
    this.#note = note;
  }

  /** A text that stands in the definition; undefined, with a note, when it comes at run time; "" when there is none. */
  text(name: string): string | undefined {
    return this.#textAt(this.#values, name);
  }

  #textAt(holder: JsonObject, name: string): string | undefined {
    const value = holder[name];
    if (typeof value === "string") {
      if (!value.startsWith("{%")) return value;
      const constant = /^\{%\s*(?:"([^"\\]*)"|'([^'\\]*)')\s*%\}$/.exec(value);
      if (constant !== null) return constant[1] ?? constant[2];
      this.note(`${name} comes from ${value} at run time`);
      return undefined;
    }
    const path = holder[`${name}.$`];
    if (path === undefined) return "";
    this.note(`${name} comes from ${String(path)} at run time`);
    return undefined;
  }

  has(name: string): boolean {
    return this.#values[name] !== undefined || this.#values[`${name}.$`] !== undefined;
  }

  /** Names of what is given, without the suffix of paths. */
  names(): readonly string[] {
    return Object.keys(this.#values).map((name) => name.replace(/\.\$$/, ""));
  }

  /** Members of an object inside; empty when there is none, or it comes at run time. */
  inside(name: string): Parameters {
    const value = this.#values[name];
    const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
    return new Parameters(isObject ? (value as JsonObject) : {}, this.place, this.#note);
  }

  list(name: string): readonly Parameters[] {
    const value: Json | undefined = this.#values[name];
    if (!Array.isArray(value)) return [];
    return value.flatMap((item: Json) =>
      typeof item === "object" && item !== null && !Array.isArray(item)
        ? [new Parameters(item as JsonObject, this.place, this.#note)]
        : [],
    );
  }

  note(message: string): void {
    this.#note(message);
  }

  arn(service: string, resource: string): string {
    const { partition, region, accountId } = this.place;
    return `arn:${partition}:${service}:${region}:${accountId}:${resource}`;
  }

  /** The ARN that the parameter is, or that its name makes; `*` in its place when it comes at run time. */
  named(name: string, service: string, resource: (given: string) => string): string {
    const given = this.text(name);
    if (given?.startsWith("arn:") === true) return given;
    return this.arn(service, resource(given === undefined || given === "" ? "*" : given));
  }

  /** A role that is passed on. */
  passRole(name: string, service?: string): Grant[] {
    if (!this.has(name)) return [];
    const { partition, accountId } = this.place;
    const given = this.text(name);
    const role = given?.startsWith("arn:") === true ? given : `arn:${partition}:iam::${accountId}:role/${given || "*"}`;
    const condition = service === undefined ? {} : { condition: { StringEquals: { "iam:PassedToService": service } } };
    return [{ actions: ["iam:PassRole"], resources: [role], ...condition }];
  }

  /** Roles that are passed on, wherever they stand: under a name that says so, or as the ARN of one. */
  passedRoles(): Grant[] {
    return Object.entries(this.#values).flatMap(([key, value]): Grant[] => {
      const name = key.replace(/\.\$$/, "");
      if (typeof value === "string") {
        const isRole = ROLE_ARN.test(name) || (/Role$/.test(name) && IS_ROLE.test(value));
        return isRole ? this.passRole(name) : [];
      }
      if (Array.isArray(value)) return this.list(name).flatMap((item) => item.passedRoles());
      return this.inside(name).passedRoles();
    });
  }
}

const ROLE_ARN = /Role(?:Arn|ARN)$/;
const IS_ROLE = /^arn:[\w-]*:iam::\d*:role\//;

export function grant(actions: string | readonly string[], resources: string | readonly string[]): Grant {
  return {
    actions: typeof actions === "string" ? [actions] : actions,
    resources: typeof resources === "string" ? [resources] : resources,
  };
}
