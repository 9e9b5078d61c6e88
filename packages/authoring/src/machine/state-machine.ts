import { diagnoseStateMachine, type LocatedDiagnostic } from "@stepwell/core";
import { type Construct, Stack } from "../construct.ts";
import type { Duration } from "../duration.ts";
import { type Fields, toDefinitionJson } from "../fields/field-utils.ts";
import { type AuthoringDiagnostic, Misuse } from "../misuse.ts";
import type { IRole } from "../resources/iam.ts";
import type { ILogGroup } from "../resources/logs.ts";
import type { IChainable } from "../states/chainable.ts";
import type { QueryLanguage } from "../states/query-language.ts";
import { StateGraph } from "../states/state-graph.ts";
import { DefinitionBody } from "./definition-body.ts";
import type { EncryptionConfiguration } from "./encryption.ts";
import { type IStateMachine, StateMachineBase, StateMachineReference } from "./state-machine-reference.ts";
import { StateMachineType } from "./state-machine-type.ts";

export const LogLevel = { OFF: "OFF", ALL: "ALL", ERROR: "ERROR", FATAL: "FATAL" } as const;
export type LogLevel = (typeof LogLevel)[keyof typeof LogLevel];

export interface LogOptions {
  /** Required unless the level is `OFF`. */
  readonly destination?: ILogGroup;
  /** False unless said otherwise. */
  readonly includeExecutionData?: boolean;
  /** `ERROR` unless said otherwise. */
  readonly level?: LogLevel;
}

export interface StateMachineProps {
  /** The construct's path unless given. 1 to 80 characters. */
  readonly stateMachineName?: string;
  /** The older form of `definitionBody`. */
  readonly definition?: IChainable;
  readonly definitionBody?: DefinitionBody;
  /** What stands for each `${Name}` of a definition given as text. */
  readonly definitionSubstitutions?: { readonly [name: string]: string };
  readonly role?: IRole;
  readonly timeout?: Duration;
  readonly comment?: string;
  /** Of every state that does not say its own; `JSONPath` unless said otherwise. */
  readonly queryLanguage?: QueryLanguage;
  /** `STANDARD` unless said otherwise. */
  readonly stateMachineType?: StateMachineType;
  readonly logs?: LogOptions;
  readonly tracingEnabled?: boolean;
  readonly encryptionConfiguration?: EncryptionConfiguration;
}

// In the registry of symbols, so that two copies of the library know each other's machines.
const BRAND: symbol = Symbol.for("stepwell.authoring.StateMachine");

const NAME_LENGTH_MAX = 80;
const NAME_PATTERN = /^[a-z0-9+!@.()\-=_']+$/i;

/**
 * A state machine made of states. Nothing is created anywhere: `definition` is its ASL, and the other properties are what
 * CreateStateMachine takes.
 */
export class StateMachine extends StateMachineBase implements IStateMachine {
  static fromStateMachineArn(scope: Construct, id: string, stateMachineArn: string): StateMachineReference {
    return new StateMachineReference(scope, id, stateMachineArn);
  }
  static fromStateMachineName(scope: Construct, id: string, name: string): StateMachineReference {
    return new StateMachineReference(scope, id, Stack.of(scope).arn("states", `stateMachine:${name}`));
  }
  /** Also true of a machine made by another copy of this library, which a file loaded at run time may have. */
  static isStateMachine(value: unknown): value is StateMachine {
    return typeof value === "object" && value !== null && BRAND in value;
  }

  readonly stateMachineType: StateMachineType;
  readonly #props: StateMachineProps;
  readonly #content: DefinitionBody["content"];
  constructor(scope: Construct, id: string, props: StateMachineProps) {
    super(scope, id);
    const body = props.definitionBody ?? chainOf(props.definition);
    if (body === undefined) throw this.#misuse("You need to specify either definition or definitionBody");
    if (props.definitionBody !== undefined && props.definition !== undefined) {
      throw this.#misuse("Cannot specify definition and definitionBody at the same time");
    }
    for (const finding of [...checkName(props.stateMachineName), ...checkLogs(props.logs)]) throw this.#misuse(finding);
    this.stateMachineType = props.stateMachineType ?? StateMachineType.STANDARD;
    this.#props = props;
    this.#content = body.content;
    Object.defineProperty(this, BRAND, { value: true });
  }

  get stateMachineName(): string {
    return this.#props.stateMachineName ?? this.node.resourceName;
  }
  get stateMachineArn(): string {
    return Stack.of(this).arn("states", `stateMachine:${this.stateMachineName}`);
  }

  /** The ASL, plain JSON. Throws `Misuse` with everything that is wrong, each with its construct's path. */
  get definition(): Fields {
    const { definition, diagnostics } = this.#synthesize();
    const errors = diagnostics.filter(({ severity }) => severity === "ERROR");
    if (definition === undefined || errors.length > 0) throw Misuse.of(errors);
    return definition;
  }

  /** The ASL as text, two spaces a level. */
  get definitionText(): string {
    return JSON.stringify(this.definition, undefined, 2);
  }

  /** Everything that is wrong or doubtful; never throws. */
  diagnostics(): readonly AuthoringDiagnostic[] {
    return this.#synthesize().diagnostics;
  }

  /** What CreateStateMachine takes beside the definition, in CloudFormation's spelling. */
  get properties(): Fields {
    const { stateMachineName, stateMachineType, logs, tracingEnabled, encryptionConfiguration, role } = this.#props;
    const properties = {
      StateMachineName: stateMachineName,
      StateMachineType: stateMachineType,
      RoleArn: role?.roleArn,
      LoggingConfiguration: renderLogs(logs),
      TracingConfiguration: tracingEnabled === undefined ? undefined : { Enabled: tracingEnabled },
      EncryptionConfiguration: renderEncryption(encryptionConfiguration),
    };
    return toDefinitionJson(properties) as Fields;
  }

  #synthesize(): { readonly definition?: Fields; readonly diagnostics: readonly AuthoringDiagnostic[] } {
    if ("text" in this.#content) return this.#fromText(this.#content.text);
    const graph = new StateGraph(this.#content.chainable.startState, "State Machine definition");
    const warnings = graph
      .allStates()
      .flatMap(({ node }) =>
        node.warnings.map((message) => ({ severity: "WARNING", path: node.path, message }) as const),
      );
    const findings = graph.validate();
    if (findings.length > 0) return { diagnostics: [...findings, ...warnings] };
    try {
      const definition = this.#render(graph);
      return { definition, diagnostics: [...this.#diagnose(definition, graph), ...warnings] };
    } catch (error) {
      if (error instanceof Misuse) return { diagnostics: [...error.diagnostics, ...warnings] };
      throw error;
    }
  }

  #render(graph: StateGraph): Fields {
    const { queryLanguage, timeout, comment } = this.#props;
    const own = { TimeoutSeconds: timeout?.toSeconds(), Comment: comment, QueryLanguage: queryLanguage };
    const definition = toDefinitionJson({ ...graph.toGraphJson(queryLanguage), ...own }) as Fields;
    if (this.#props.definitionSubstitutions === undefined) return definition;
    try {
      return JSON.parse(this.#substitute(JSON.stringify(definition))) as Fields;
    } catch (error) {
      throw this.#misuse(`definitionSubstitutions make the definition no JSON: ${(error as Error).message}`);
    }
  }

  #fromText(text: string): { readonly definition?: Fields; readonly diagnostics: readonly AuthoringDiagnostic[] } {
    const filled = this.#substitute(text);
    const diagnostics = diagnoseStateMachine(filled, { type: this.stateMachineType }).map((found) =>
      this.#located(found),
    );
    if (diagnostics.some(({ severity }) => severity === "ERROR")) return { diagnostics };
    return { definition: JSON.parse(filled) as Fields, diagnostics };
  }

  #substitute(text: string): string {
    const { definitionSubstitutions = {} } = this.#props;
    return text.replaceAll(/\$\{([A-Za-z0-9_.]+)\}/g, (whole, name: string) =>
      Object.hasOwn(definitionSubstitutions, name) ? (definitionSubstitutions[name] ?? whole) : whole,
    );
  }

  #diagnose(definition: Fields, graph: StateGraph): readonly AuthoringDiagnostic[] {
    const text = JSON.stringify(definition);
    const found = diagnoseStateMachine(text, { type: this.stateMachineType });
    if (found.length === 0) return [];
    const paths = new Map(graph.allStates().map((state) => [state.stateId, state.node.path]));
    return found.map((finding) => this.#located(finding, paths));
  }

  // A state's name is its own in a whole machine, so the innermost one of a place tells the construct.
  #located(finding: LocatedDiagnostic, paths: ReadonlyMap<string, string> = new Map()): AuthoringDiagnostic {
    const { severity, message, code, location, path } = finding;
    const at = path.lastIndexOf("States");
    const state = at === -1 ? undefined : paths.get(String(path[at + 1]));
    return {
      severity,
      path: state ?? this.node.path,
      message,
      code,
      ...(location === undefined ? {} : { location }),
    };
  }

  #misuse(message: string): Misuse {
    return new Misuse(this.node.path, message);
  }
}

function chainOf(definition: IChainable | undefined): DefinitionBody | undefined {
  return definition === undefined ? undefined : DefinitionBody.fromChainable(definition);
}

function checkName(name: string | undefined): readonly string[] {
  if (name === undefined) return [];
  if (name.length < 1 || name.length > NAME_LENGTH_MAX) {
    return [`State Machine name must be between 1 and ${NAME_LENGTH_MAX} characters. Received: ${name}`];
  }
  return NAME_PATTERN.test(name) ? [] : [`State Machine name must match "${NAME_PATTERN}". Received: ${name}`];
}

function checkLogs(logs: LogOptions | undefined): readonly string[] {
  if (logs === undefined || logs.level === LogLevel.OFF || logs.destination !== undefined) return [];
  return ["Logs destination is required when level is not OFF."];
}

function renderLogs(logs: LogOptions | undefined): Fields | undefined {
  if (logs === undefined) return undefined;
  const { destination, includeExecutionData, level = LogLevel.ERROR } = logs;
  return {
    Destinations:
      destination === undefined ? undefined : [{ CloudWatchLogsLogGroup: { LogGroupArn: destination.logGroupArn } }],
    IncludeExecutionData: includeExecutionData,
    Level: level,
  };
}

function renderEncryption(encryption: EncryptionConfiguration | undefined): Fields | undefined {
  if (encryption === undefined) return undefined;
  if (encryption.type === "AWS_OWNED_KEY") return { Type: encryption.type };
  const { kmsDataKeyReusePeriodSeconds, kmsKey, type } = encryption;
  return { KmsDataKeyReusePeriodSeconds: kmsDataKeyReusePeriodSeconds, KmsKeyId: kmsKey.keyArn, Type: type };
}
