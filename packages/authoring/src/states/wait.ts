import type { Construct } from "../construct.ts";
import type { Duration } from "../duration.ts";
import type { Fields } from "../fields/field-utils.ts";
import { renderPath } from "../fields/json-path.ts";
import { StateWithNext } from "./chain.ts";
import { QueryLanguage } from "./query-language.ts";
import type { AssignableStateOptions, JsonataCommonOptions, JsonPathCommonOptions, StateBaseProps } from "./state.ts";

/** How long, or until when. */
export class WaitTime {
  static duration(duration: Duration): WaitTime {
    return new WaitTime({ Seconds: duration.toSeconds() });
  }
  /** seconds: a JSONata expression. */
  static seconds(seconds: string): WaitTime {
    return new WaitTime({ Seconds: seconds });
  }
  /** timestamp: RFC 3339, or a JSONata expression. */
  static timestamp(timestamp: string): WaitTime {
    return new WaitTime({ Timestamp: timestamp });
  }
  static secondsPath(path: string): WaitTime {
    return new WaitTime({ SecondsPath: renderPath(path) });
  }
  static timestampPath(path: string): WaitTime {
    return new WaitTime({ TimestampPath: renderPath(path) });
  }

  readonly fields: Fields;

  private constructor(fields: Fields) {
    this.fields = fields;
  }
}

interface WaitOptions extends StateBaseProps, AssignableStateOptions {
  readonly time: WaitTime;
}
export interface WaitJsonPathProps extends WaitOptions, JsonPathCommonOptions {}
export interface WaitJsonataProps extends WaitOptions, JsonataCommonOptions {}
export interface WaitProps extends WaitJsonPathProps, WaitJsonataProps {}

/** Waits, then passes its input on. */
export class Wait extends StateWithNext {
  static jsonPath(scope: Construct, id: string, props: WaitJsonPathProps): Wait {
    return new Wait(scope, id, props);
  }
  static jsonata(scope: Construct, id: string, props: WaitJsonataProps): Wait {
    return new Wait(scope, id, { ...props, queryLanguage: QueryLanguage.JSONATA });
  }

  readonly #time: WaitTime;

  constructor(scope: Construct, id: string, props: WaitProps) {
    super(scope, id, props);
    this.#time = props.time;
  }

  toStateJson(machine?: QueryLanguage): Fields {
    return {
      Type: "Wait",
      ...this.renderQueryLanguage(machine),
      Comment: this.props.comment,
      ...this.#time.fields,
      ...this.renderInputOutput(),
      ...this.renderNextEnd(),
      ...this.renderAssign(machine),
    };
  }
}
