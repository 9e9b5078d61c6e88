import type { Construct } from "../construct.ts";
import type { Fields } from "../fields/field-utils.ts";
import { pathOf } from "../fields/reference.ts";
import type { INextable } from "./chainable.ts";
import { QueryLanguage } from "./query-language.ts";
import { State, type StateBaseProps } from "./state.ts";

export interface FailJsonataProps extends StateBaseProps {
  readonly error?: string;
  readonly cause?: string;
}
export interface FailJsonPathProps extends FailJsonataProps {
  /** A path, or a call of one of Format, JsonToString, ArrayGetItem, Base64Encode, Base64Decode, Hash, UUID. */
  readonly errorPath?: string;
  /** A path, or a call of one of the same functions. */
  readonly causePath?: string;
}
export interface FailProps extends FailJsonPathProps {}

// ASL, "Fail State": the functions whose result is text.
const FUNCTIONS = ["Format", "JsonToString", "ArrayGetItem", "Base64Encode", "Base64Decode", "Hash", "UUID"].map(
  (name) => `States.${name}`,
);

/** Ends the execution, branch or iteration with an error. */
export class Fail extends State {
  static jsonPath(scope: Construct, id: string, props: FailJsonPathProps = {}): Fail {
    return new Fail(scope, id, props);
  }
  static jsonata(scope: Construct, id: string, props: FailJsonataProps = {}): Fail {
    return new Fail(scope, id, { ...props, queryLanguage: QueryLanguage.JSONATA });
  }

  readonly endStates: readonly INextable[] = [];
  readonly #fail: FailProps;

  constructor(scope: Construct, id: string, props: FailProps = {}) {
    super(scope, id, props);
    this.#fail = props;
  }

  override validateState(): readonly string[] {
    const { error, errorPath, cause, causePath } = this.#fail;
    return [
      ...checkPath("errorPath", errorPath),
      ...checkPath("causePath", causePath),
      ...(error !== undefined && errorPath !== undefined ? ["Fail state cannot have both error and errorPath"] : []),
      ...(cause !== undefined && causePath !== undefined ? ["Fail state cannot have both cause and causePath"] : []),
    ];
  }
  toStateJson(machine?: QueryLanguage): Fields {
    const { comment, error, errorPath, cause, causePath } = this.#fail;
    return {
      Type: "Fail",
      ...this.renderQueryLanguage(machine),
      Comment: comment,
      Error: error,
      ErrorPath: textPath(errorPath),
      Cause: cause,
      CausePath: textPath(causePath),
    };
  }
}

function textPath(path: string | undefined): string | undefined {
  return path === undefined ? undefined : (pathOf(path) ?? path);
}

function checkPath(property: string, given: string | undefined): readonly string[] {
  const path = textPath(given);
  if (path === undefined || path.startsWith("$")) return [];
  if (FUNCTIONS.some((name) => path.startsWith(name))) return [];
  if (!path.startsWith("States.")) return [`${property} must be a path that starts with '$', got '${path}'`];
  return [`You must specify a valid intrinsic function in ${property}. Must be one of ${FUNCTIONS.join(", ")}`];
}
