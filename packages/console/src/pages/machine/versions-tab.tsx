/** Versions with the difference of any two, and aliases with how traffic is split among them. */
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, lazy, type ReactElement, Suspense, useMemo, useState } from "react";
import { lastPartOf } from "../../api/arns.ts";
import {
  createAlias,
  type DescribedAlias,
  type DescribedMachine,
  describeAlias,
  describeStateMachine,
  listAliases,
  listVersions,
  publishVersion,
  updateAlias,
} from "../../api/aws.ts";
import { useUrlState } from "../../app/url-state.ts";
import { Dialog, Problem } from "../../ui/dialog.tsx";
import { Icon } from "../../ui/icon.tsx";
import { TextDiffView } from "../../ui/json-view.tsx";
import { Empty, Loading } from "../../ui/page.tsx";
import { Ago } from "../../ui/time.tsx";
import "./versions.css";
import { type RollBack, RollBackDialog } from "./roll-back-dialog.tsx";
import { rollBackRouting, type StateChanges, stateChanges } from "./version-changes.ts";

const VersionGraphs = lazy(() =>
  import("./version-graphs.tsx").then(({ VersionGraphs: component }) => ({ default: component })),
);

const LATEST = "latest";

export function VersionsTab({ machine }: { readonly machine: DescribedMachine }): ReactElement {
  const arn = machine.stateMachineArn;
  const client = useQueryClient();
  const [url, setUrl] = useUrlState();
  const [publishing, setPublishing] = useState(false);
  const [alias, setAlias] = useState<DescribedAlias | "new">();
  const [back, setBack] = useState<RollBack>();
  const versions = useQuery({ queryKey: ["versions", arn], queryFn: () => listVersions(arn) });
  const aliases = useQuery({
    queryKey: ["aliases", arn],
    queryFn: async () => {
      const { stateMachineAliases } = await listAliases(arn);
      return Promise.all(stateMachineAliases.map(({ stateMachineAliasArn }) => describeAlias(stateMachineAliasArn)));
    },
  });
  const items = versions.data?.stateMachineVersions ?? [];
  const arns = items.map(({ stateMachineVersionArn }) => stateMachineVersionArn);
  const numbers = items.map(({ stateMachineVersionArn }) => lastPartOf(stateMachineVersionArn));
  const [left, right] = [url["from"] ?? numbers[0], url["to"] ?? LATEST];
  const refresh = () =>
    Promise.all([versions.refetch(), aliases.refetch(), client.invalidateQueries({ queryKey: ["machine", arn] })]);
  return (
    <div className="stack versions">
      <Problem error={versions.error ?? aliases.error} />
      <div className="columns-2">
        <section className="panel" aria-labelledby="versions">
          <div className="panel-head">
            <h2 id="versions">Versions</h2>
            <span className="grow" />
            <button type="button" className="button" onClick={() => setPublishing(true)}>
              <Icon name="plus" size={13} /> Publish
            </button>
          </div>
          {versions.data === undefined && <Loading />}
          {versions.data !== undefined && items.length === 0 && (
            <Empty icon="machines" title="No version was published.">
              A version is a definition that never changes; aliases point at versions.
            </Empty>
          )}
          {items.length > 0 && (
            <table className="list-table">
              <tbody>
                {items.map(({ stateMachineVersionArn, creationDate }) => (
                  <tr key={stateMachineVersionArn}>
                    <td>
                      <strong>{lastPartOf(stateMachineVersionArn)}</strong>
                    </td>
                    <td>
                      <Ago at={creationDate * 1_000} />
                    </td>
                    <td className="end">
                      <button
                        type="button"
                        className="button"
                        onClick={() => setUrl({ from: lastPartOf(stateMachineVersionArn), to: LATEST })}
                      >
                        Compare with latest
                      </button>{" "}
                      <button
                        type="button"
                        className="button"
                        aria-label={`Roll back to version ${lastPartOf(stateMachineVersionArn)}`}
                        onClick={() => setBack({ kind: "machine", versionArn: stateMachineVersionArn })}
                      >
                        Roll back…
                      </button>
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          )}
        </section>
        <section className="panel" aria-labelledby="aliases">
          <div className="panel-head">
            <h2 id="aliases">Aliases</h2>
            <span className="grow" />
            <button type="button" className="button" disabled={items.length === 0} onClick={() => setAlias("new")}>
              <Icon name="plus" size={13} /> New alias
            </button>
          </div>
          {aliases.data?.length === 0 && <Empty icon="link" title="There is no alias." />}
          {aliases.data !== undefined && aliases.data.length > 0 && (
            <table className="list-table">
              <tbody>
                {aliases.data.map((each) => (
                  <tr key={each.stateMachineAliasArn}>
                    <td>
                      <strong>{each.name}</strong>
                    </td>
                    <td>
                      {each.routingConfiguration.map(({ stateMachineVersionArn, weight }) => (
                        <div key={stateMachineVersionArn} className="num">
                          version {lastPartOf(stateMachineVersionArn)}: {weight} %
                        </div>
                      ))}
                    </td>
                    <td className="end">
                      <button type="button" className="button" onClick={() => setAlias(each)}>
                        Shift traffic
                      </button>{" "}
                      <RollBackButton alias={each} versions={arns} onRollBack={setBack} />
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          )}
        </section>
      </div>
      {left !== undefined && (
        <Compare
          machine={machine}
          numbers={numbers}
          left={left}
          right={right}
          onChange={(from, to) => setUrl({ from, to })}
        />
      )}
      {back !== undefined && (
        <RollBackDialog
          machine={machine}
          to={back}
          onClose={() => {
            setBack(undefined);
            void refresh();
          }}
        />
      )}
      {publishing && (
        <PublishDialog
          arn={arn}
          onClose={() => {
            setPublishing(false);
            void refresh();
          }}
        />
      )}
      {alias !== undefined && (
        <AliasDialog
          arn={arn}
          versions={arns}
          alias={alias === "new" ? undefined : alias}
          onClose={() => {
            setAlias(undefined);
            void refresh();
          }}
        />
      )}
    </div>
  );
}

interface RollBackButtonProps {
  readonly alias: DescribedAlias;
  readonly versions: readonly string[];
  readonly onRollBack: (to: RollBack) => void;
}

function RollBackButton({ alias, versions, onRollBack }: RollBackButtonProps): ReactElement {
  const routing = rollBackRouting(alias.routingConfiguration, versions);
  return (
    <button
      type="button"
      className="button"
      aria-label={`Roll back ${alias.name}`}
      disabled={routing === undefined}
      onClick={() => routing !== undefined && onRollBack({ kind: "alias", alias, routing })}
    >
      Roll back…
    </button>
  );
}

interface CompareProps {
  readonly machine: DescribedMachine;
  readonly numbers: readonly string[];
  readonly left: string;
  readonly right: string;
  readonly onChange: (left: string, right: string) => void;
}

function Compare({ machine, numbers, left, right, onChange }: CompareProps): ReactElement {
  const [url, setUrl] = useUrlState();
  const before = useDefinition(machine, left);
  const after = useDefinition(machine, right);
  const changes = useMemo(
    () => (before === undefined || after === undefined ? undefined : stateChanges(before, after)),
    [before, after],
  );
  const choice = (value: string, label: string, set: (value: string) => void) => (
    <select aria-label={label} value={value} onChange={({ target }) => set(target.value)}>
      <option value={LATEST}>latest</option>
      {numbers.map((number) => (
        <option key={number} value={number}>
          version {number}
        </option>
      ))}
    </select>
  );
  return (
    <section className="panel" aria-labelledby="difference">
      <div className="panel-head">
        <h2 id="difference">Difference</h2>
        {choice(left, "From", (value) => onChange(value, right))}
        <Icon name="chevron" size={12} />
        {choice(right, "To", (value) => onChange(left, value))}
        <span className="grow" />
        <div className="segments" role="group" aria-label="View of the difference">
          {(["text", "graph"] as const).map((view) => (
            <button
              key={view}
              type="button"
              aria-pressed={(url["view"] === "graph") === (view === "graph")}
              onClick={() => setUrl({ view: view === "graph" ? view : undefined })}
            >
              {view === "graph" ? "Graph" : "Text"}
            </button>
          ))}
        </div>
      </div>
      <div className="panel-body stack">
        {changes !== undefined && <Changes changes={changes} />}
        {(before === undefined || after === undefined || changes === undefined) && <Loading />}
        {before !== undefined && after !== undefined && changes !== undefined && (
          <Suspense fallback={<Loading />}>
            {url["view"] === "graph" ? (
              <VersionGraphs before={before} after={after} changes={changes} />
            ) : (
              <TextDiffView before={pretty(before)} after={pretty(after)} />
            )}
          </Suspense>
        )}
      </div>
    </section>
  );
}

function Changes({ changes: { added, removed, changed } }: { readonly changes: StateChanges }): ReactElement {
  if (added.length + removed.length + changed.size === 0) return <p>No state differs.</p>;
  return (
    <p>
      {added.length > 0 && `Added: ${added.join(", ")}. `}
      {removed.length > 0 && `Removed: ${removed.join(", ")}. `}
      {changed.size > 0 &&
        `Changed: ${[...changed].map(([name, fields]) => `${name} (${fields.join(", ")})`).join(", ")}.`}
    </p>
  );
}

function useDefinition(machine: DescribedMachine, version: string): string | undefined {
  const arn = `${machine.stateMachineArn}:${version}`;
  const { data } = useQuery({
    queryKey: ["machine", arn],
    queryFn: () => describeStateMachine(arn),
    enabled: version !== LATEST,
    staleTime: Number.POSITIVE_INFINITY,
  });
  return version === LATEST ? machine.definition : data?.definition;
}

function pretty(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

function PublishDialog({ arn, onClose }: { readonly arn: string; readonly onClose: () => void }): ReactElement {
  const [problem, setProblem] = useState<unknown>();
  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    try {
      await publishVersion(arn, String(new FormData(event.currentTarget).get("description")));
      onClose();
    } catch (error) {
      setProblem(error);
    }
  };
  return (
    <Dialog title="Publish a version" onClose={onClose}>
      <form className="stack" onSubmit={(event) => void submit(event)}>
        <label className="field">
          <span>Description (optional)</span>
          <input name="description" maxLength={256} />
        </label>
        <Problem error={problem} />
        <div className="row">
          <button type="submit" className="button button-primary">
            Publish
          </button>
        </div>
      </form>
    </Dialog>
  );
}

interface AliasDialogProps {
  readonly arn: string;
  readonly versions: readonly string[];
  readonly alias: DescribedAlias | undefined;
  readonly onClose: () => void;
}

/** One version, or two that share the traffic. */
function AliasDialog({ arn, versions, alias, onClose }: AliasDialogProps): ReactElement {
  const routes = alias?.routingConfiguration ?? [];
  const [name, setName] = useState(alias?.name ?? "");
  const [first, setFirst] = useState(routes[0]?.stateMachineVersionArn ?? versions[0] ?? "");
  const [second, setSecond] = useState(routes[1]?.stateMachineVersionArn ?? "");
  const [weight, setWeight] = useState(routes[1]?.weight ?? 10);
  const [problem, setProblem] = useState<unknown>();
  const save = async () => {
    const split = second !== "" && second !== first;
    const routing = split
      ? [
          { stateMachineVersionArn: first, weight: 100 - weight },
          { stateMachineVersionArn: second, weight },
        ]
      : [{ stateMachineVersionArn: first, weight: 100 }];
    try {
      if (alias === undefined) await createAlias(name, routing);
      else await updateAlias(alias.stateMachineAliasArn, routing);
      onClose();
    } catch (error) {
      setProblem(error);
    }
  };
  const choice = (label: string, value: string, set: (value: string) => void, none?: string) => (
    <select aria-label={label} value={value} onChange={({ target }) => set(target.value)}>
      {none !== undefined && <option value="">{none}</option>}
      {versions.map((version) => (
        <option key={version} value={version}>
          version {lastPartOf(version)}
        </option>
      ))}
    </select>
  );
  return (
    <Dialog
      title={alias === undefined ? `New alias of ${lastPartOf(arn)}` : `Traffic of ${alias.name}`}
      onClose={onClose}
      footer={
        <button type="button" className="button button-primary" disabled={name === ""} onClick={() => void save()}>
          Save
        </button>
      }
    >
      {alias === undefined && (
        <label className="field">
          <span>Name</span>
          <input value={name} maxLength={80} onChange={({ target }) => setName(target.value)} />
        </label>
      )}
      <div className="field">
        <span>Version</span>
        {choice("Version", first, setFirst)}
      </div>
      <div className="field">
        <span>Second version</span>
        {choice("Second version", second, setSecond, "none: all traffic to the first")}
      </div>
      {second !== "" && second !== first && (
        <label className="field">
          <span>
            To the second: {weight} %, to the first: {100 - weight} %
          </span>
          <input
            type="range"
            min={0}
            max={100}
            value={weight}
            onChange={({ target }) => setWeight(Number(target.value))}
          />
        </label>
      )}
      <Problem error={problem} />
    </Dialog>
  );
}
