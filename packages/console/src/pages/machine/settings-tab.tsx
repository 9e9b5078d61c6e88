/** What a state machine is beside its definition: role, logs, tracing, tags; and its end. */
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { type FormEvent, type ReactElement, type ReactNode, useState } from "react";
import {
  addTag,
  type DescribedMachine,
  deleteStateMachine,
  type LoggingConfiguration,
  type LogLevel,
  listTags,
  removeTag,
  updateStateMachine,
} from "../../api/aws.ts";
import { announce } from "../../ui/announce.ts";
import { Dialog, Problem } from "../../ui/dialog.tsx";
import { formatDateTime } from "../../ui/format.ts";
import { Icon } from "../../ui/icon.tsx";
import { CopyButton, Loading } from "../../ui/page.tsx";
import { Status } from "../../ui/status.tsx";

interface SettingsProps {
  readonly machine: DescribedMachine;
}

export function SettingsTab({ machine }: SettingsProps): ReactElement {
  return (
    <div className="columns-2">
      <div className="stack">
        <General machine={machine} />
        <Tags machine={machine} />
      </div>
      <div className="stack">
        {/* Another revision begins with its own values. */}
        <Service key={machine.revisionId} machine={machine} />
        <End machine={machine} />
      </div>
    </div>
  );
}

interface PanelProps {
  readonly id: string;
  readonly title: string;
  readonly children: ReactNode;
}

function Panel({ id, title, children }: PanelProps): ReactElement {
  return (
    <section className="panel" aria-labelledby={id}>
      <div className="panel-head">
        <h2 id={id}>{title}</h2>
      </div>
      {children}
    </section>
  );
}

function General({ machine }: SettingsProps): ReactElement {
  const { stateMachineArn, type, status, creationDate, revisionId, encryptionConfiguration } = machine;
  return (
    <Panel id="general" title="General">
      <dl className="facts-list panel-body">
        <dt>ARN</dt>
        <dd className="row">
          <code className="grow">{stateMachineArn}</code>
          <CopyButton small label="Copy ARN" text={stateMachineArn} />
        </dd>
        <dt>Type</dt>
        <dd>{type === "EXPRESS" ? "Express" : "Standard"}</dd>
        <dt>Status</dt>
        <dd>
          <Status status={status} quiet />
        </dd>
        <dt>Created</dt>
        <dd>{formatDateTime(creationDate * 1_000)}</dd>
        <dt>Revision</dt>
        <dd className="mono">{revisionId ?? "the first"}</dd>
        <dt>Encryption</dt>
        <dd>
          {encryptionConfiguration?.kmsKeyId === undefined ? (
            "a key of the service"
          ) : (
            <code>{encryptionConfiguration.kmsKeyId}</code>
          )}
        </dd>
      </dl>
    </Panel>
  );
}

const LEVELS: readonly (readonly [level: LogLevel, words: string])[] = [
  ["OFF", "Nothing"],
  ["FATAL", "Runs that fail (FATAL)"],
  ["ERROR", "Every error (ERROR)"],
  ["ALL", "Every event (ALL)"],
];

/** What AWS asks of a log group's ARN. */
const LOG_GROUP = "arn:aws:logs:us-east-1:123456789012:log-group:NAME:*";

function Service({ machine }: SettingsProps): ReactElement {
  const client = useQueryClient();
  const logs = machine.loggingConfiguration ?? {};
  const [role, setRole] = useState(machine.roleArn);
  const [level, setLevel] = useState<LogLevel>(logs.level ?? "OFF");
  const [withData, setWithData] = useState(logs.includeExecutionData ?? false);
  const [group, setGroup] = useState(logs.destinations?.[0]?.cloudWatchLogsLogGroup?.logGroupArn ?? "");
  const [tracing, setTracing] = useState(machine.tracingConfiguration?.enabled ?? false);
  const [problem, setProblem] = useState<unknown>();
  const [busy, setBusy] = useState(false);
  const save = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    setProblem(undefined);
    const loggingConfiguration: LoggingConfiguration = {
      level,
      includeExecutionData: withData,
      destinations: group === "" ? [] : [{ cloudWatchLogsLogGroup: { logGroupArn: group } }],
    };
    try {
      await updateStateMachine({
        stateMachineArn: machine.stateMachineArn,
        roleArn: role,
        loggingConfiguration,
        tracingConfiguration: { enabled: tracing },
      });
      await client.invalidateQueries({ queryKey: ["machine", machine.stateMachineArn] });
      announce("Saved");
    } catch (error) {
      setProblem(error);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Panel id="service" title="Role, logs and tracing">
      <form className="panel-body stack" onSubmit={(event) => void save(event)}>
        <label className="field">
          <span>Role ARN</span>
          <input className="mono" required value={role} onChange={({ target }) => setRole(target.value)} />
        </label>
        <label className="field">
          <span>What is logged</span>
          <select value={level} onChange={({ target }) => setLevel(target.value as LogLevel)}>
            {LEVELS.map(([each, words]) => (
              <option key={each} value={each}>
                {words}
              </option>
            ))}
          </select>
        </label>
        {level !== "OFF" && (
          <>
            <label className="field">
              <span>Log group ARN</span>
              <input
                className="mono"
                required
                placeholder={LOG_GROUP}
                value={group}
                onChange={({ target }) => setGroup(target.value)}
              />
            </label>
            <label className="row">
              <input type="checkbox" checked={withData} onChange={({ target }) => setWithData(target.checked)} />
              with inputs and outputs
            </label>
          </>
        )}
        <label className="row">
          <input type="checkbox" checked={tracing} onChange={({ target }) => setTracing(target.checked)} />
          Trace runs
        </label>
        <p className="faint">Runs that have begun stay with the revision they began with.</p>
        <Problem error={problem} />
        <div className="row">
          <button type="submit" className="button button-primary" disabled={busy}>
            Save settings
          </button>
        </div>
      </form>
    </Panel>
  );
}

function Tags({ machine }: SettingsProps): ReactElement {
  const arn = machine.stateMachineArn;
  const { data, error, refetch } = useQuery({ queryKey: ["tags", arn], queryFn: () => listTags(arn), staleTime: 0 });
  const [problem, setProblem] = useState<unknown>();
  const change = async (work: Promise<object>) => {
    setProblem(undefined);
    try {
      await work;
      await refetch();
      return true;
    } catch (failure) {
      setProblem(failure);
      return false;
    }
  };
  const add = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = event.currentTarget;
    const given = new FormData(form);
    const tag = { key: String(given.get("key")), value: String(given.get("value")) };
    if (await change(addTag(arn, tag))) form.reset();
  };
  const tags = data?.tags ?? [];
  return (
    <Panel id="tags" title="Tags">
      <div className="panel-body stack">
        {data === undefined && error === null && <Loading />}
        {data !== undefined && tags.length === 0 && <p className="faint">There is no tag.</p>}
        {tags.length > 0 && (
          <ul className="stack">
            {tags.map(({ key, value }) => (
              <li key={key} className="row">
                <code className="wrap">{key}</code>
                <span className="faint">=</span>
                <code className="grow wrap">{value}</code>
                <button
                  type="button"
                  className="icon-button"
                  aria-label={`Remove the tag ${key}`}
                  title="Remove"
                  onClick={() => void change(removeTag(arn, key))}
                >
                  <Icon name="close" size={13} />
                </button>
              </li>
            ))}
          </ul>
        )}
        <form className="row row-end" onSubmit={(event) => void add(event)}>
          <label className="field grow">
            <span>Key</span>
            <input name="key" required maxLength={128} />
          </label>
          <label className="field grow">
            <span>Value</span>
            <input name="value" maxLength={256} />
          </label>
          <button type="submit" className="button">
            <Icon name="plus" size={13} /> Add
          </button>
        </form>
        <Problem error={problem ?? error} />
      </div>
    </Panel>
  );
}

function End({ machine }: SettingsProps): ReactElement {
  const [asked, setAsked] = useState(false);
  return (
    <Panel id="end" title="Delete">
      <div className="panel-body stack">
        <p className="faint">
          Its versions and aliases go with it. Runs that are under way end at their next step; ended ones stay to be
          looked at.
        </p>
        <div className="row">
          <button type="button" className="button button-danger" onClick={() => setAsked(true)}>
            Delete the state machine…
          </button>
        </div>
      </div>
      {asked && <DeleteDialog machine={machine} onClose={() => setAsked(false)} />}
    </Panel>
  );
}

function DeleteDialog({ machine, onClose }: SettingsProps & { readonly onClose: () => void }): ReactElement {
  const navigate = useNavigate();
  const client = useQueryClient();
  const [typed, setTyped] = useState("");
  const [problem, setProblem] = useState<unknown>();
  const perform = async (event: FormEvent) => {
    event.preventDefault();
    try {
      await deleteStateMachine(machine.stateMachineArn);
      client.removeQueries({ queryKey: ["machine", machine.stateMachineArn] });
      announce(`${machine.name} is deleted`);
      await navigate({ to: "/machines" });
    } catch (error) {
      setProblem(error);
    }
  };
  return (
    <Dialog title={`Delete ${machine.name}`} onClose={onClose}>
      <form className="stack" onSubmit={(event) => void perform(event)}>
        <label className="field">
          <span>
            Type <strong>{machine.name}</strong> to delete it
          </span>
          <input className="mono" autoComplete="off" value={typed} onChange={({ target }) => setTyped(target.value)} />
        </label>
        <Problem error={problem} />
        <div className="row">
          <button type="submit" className="button button-danger" disabled={typed !== machine.name}>
            Delete
          </button>
          <button type="button" className="button" onClick={onClose}>
            Cancel
          </button>
        </div>
      </form>
    </Dialog>
  );
}
