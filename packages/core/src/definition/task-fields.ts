import { compilePayloadTemplate } from "../data/payload-template.ts";
import { StatesErrorSignal } from "../errors/states-error.ts";
import { isJsonObject } from "../json.ts";
import { compileExpression, compileJsonata, fieldLocation } from "./compile-expression.ts";
import type { Field, FieldSite } from "./field.ts";
import { mistyped, text } from "./field-kinds.ts";
import type { Expression, TaskResource } from "./state-machine.ts";
import { parseFlowResource, parseTaskResource } from "./task-resource.ts";

/** What is left of the form of a resource when it need not be AWS's: a URI, or a placeholder that is still to be filled. */
const LENIENT = /^(?:[A-Za-z][A-Za-z0-9+.-]*:.+|\$\{[^}]+\})$/s;

/** A Task's `Resource`. */
export function resource(): Field<TaskResource> {
  const arn = text();
  return {
    compile(value, site) {
      const written = arn.compile(value, site);
      if (written === undefined) return undefined;
      const parsed = site.context.flow === undefined ? parseTaskResource(written) : parseFlowResource(written);
      if (parsed !== undefined) return supported(parsed, site);
      // Without AWS's form, a resource is called the way a function is: with the input alone.
      if (site.context.lenientResources && LENIENT.test(written)) return { kind: "lambda", arn: written };
      return notRecognised(written, site);
    },
  };
}

export function notRecognised(arn: string, site: FieldSite): undefined {
  site.context.findings.schemaError(
    `The resource provided ${arn} is not recognized. The value is not a valid resource ARN, or the resource is not available in this region.`,
    site.path,
  );
  return undefined;
}

/** Express executions cannot wait for anything but an answer. Recorded; the two blanks are AWS's. */
function supported(parsed: TaskResource, site: FieldSite): TaskResource | undefined {
  if (site.state.type === "STANDARD") return parsed;
  const { findings } = site.context;
  if (parsed.kind === "activity") {
    findings.schemaError("Express state machine does not support Activity ARN", site.path);
    return undefined;
  }
  if (parsed.kind === "service" && parsed.pattern === "sync") {
    findings.schemaError("Express state machine does not support '.sync' service integration", site.path);
    return undefined;
  }
  if (parsed.kind === "service" && parsed.pattern === "waitForTaskToken") {
    findings.schemaError("Express state machine does not support '.waitForTaskToken' service integration ", site.path);
    return undefined;
  }
  return parsed;
}

/** `Credentials`, of which only the role counts. AWS, "Accessing resources in other AWS accounts". */
export function credentials(): Field<Expression<string>> {
  return {
    compile(value, site) {
      if (!isJsonObject(value)) return mistyped("Object", site);
      const jsonata = site.state.language === "JSONata";
      if (!Object.hasOwn(value, "RoleArn") && (jsonata || !Object.hasOwn(value, "RoleArn.$"))) {
        site.context.findings.schemaError("The field 'RoleArn' is required but was missing", site.path);
        return undefined;
      }
      const compiled = jsonata
        ? compileJsonata(value, site)
        : compileExpression(site, () => compilePayloadTemplate(value));
      if (compiled === undefined) return undefined;
      return {
        source: value,
        evaluate(scope) {
          const found = compiled.evaluate(scope);
          const role = isJsonObject(found) ? found["RoleArn"] : undefined;
          if (typeof role === "string") return role;
          throw new StatesErrorSignal(
            jsonata ? "States.QueryEvaluationError" : "States.Runtime",
            `The field 'RoleArn' of 'Credentials' must be a string but was: ${JSON.stringify(role)}`,
            ...(jsonata ? [`${fieldLocation(site)}/RoleArn`] : []),
          );
        },
      };
    },
  };
}
