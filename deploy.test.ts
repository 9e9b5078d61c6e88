import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { parse, parseAllDocuments } from "yaml";

// The files of deploy/ are read as the programs they are for read them.

const read = (name: string): string => readFileSync(join(import.meta.dirname, "deploy", name), "utf8");

interface Service {
  readonly image?: string;
  readonly environment?: Record<string, string>;
  readonly depends_on?: string[] | Record<string, object>;
  readonly volumes?: string[];
}

test("compose.yaml: services that exist, files that exist, nodes that know their names", () => {
  const compose = parse(read("compose.yaml"), { merge: true }) as {
    services: Record<string, Service>;
    volumes: Record<string, object>;
  };
  const { services, volumes } = compose;
  expect(Object.keys(services)).toEqual(["database", "node-1", "node-2", "node-3", "balancer"]);
  for (const [name, service] of Object.entries(services)) {
    expect(service.image, name).toMatch(/^[a-z]+:[a-z0-9.-]+$/);
    const needed = Array.isArray(service.depends_on) ? service.depends_on : Object.keys(service.depends_on ?? {});
    for (const other of needed) expect(Object.keys(services), name).toContain(other);
    for (const volume of service.volumes ?? []) {
      const [source = ""] = volume.split(":", 1);
      if (!source.startsWith("./")) expect(Object.keys(volumes), name).toContain(source);
      else if (source !== "./keys.json")
        expect(existsSync(join(import.meta.dirname, "deploy", source)), source).toBe(true);
    }
    if (name.startsWith("node-")) {
      expect(service.environment?.["STEPWELL_PEERS_ADDRESS"]).toBe(name);
      expect(service.environment?.["STEPWELL_DATABASE"]).toMatch(/^postgres:\/\/.*@database:5432\/stepwell$/);
    }
  }
  for (const node of ["node-1", "node-2", "node-3"]) expect(read("haproxy.cfg")).toContain(`${node}:8083 check`);
});

const hasDocker = ((): boolean => {
  try {
    execFileSync("docker", ["compose", "version"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
})();

test.runIf(hasDocker)("docker compose takes compose.yaml", () => {
  const env = { ...process.env, STEPWELL_DATABASE_PASSWORD: "x" };
  execFileSync("docker", ["compose", "-f", "deploy/compose.yaml", "config", "-q"], { cwd: import.meta.dirname, env });
});

interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string };
  // biome-ignore lint/suspicious/noExplicitAny: each kind has a form of its own.
  readonly spec: any;
}

test("kubernetes.yaml: whole manifests whose names and ports meet", () => {
  const documents = parseAllDocuments(read("kubernetes.yaml"));
  expect(documents.flatMap((document) => ("errors" in document ? document.errors : []))).toEqual([]);
  const manifests = documents.map((document) => document.toJS() as Manifest);
  expect(manifests.map(({ apiVersion, kind }) => `${apiVersion} ${kind}`)).toEqual([
    "apps/v1 Deployment",
    "v1 Service",
    "networking.k8s.io/v1 NetworkPolicy",
    "policy/v1 PodDisruptionBudget",
  ]);
  const [deployment, service, policy, budget] = manifests.map(({ spec }) => spec);
  const labels = deployment.template.metadata.labels;
  const selectors = [deployment.selector.matchLabels, service.selector, policy.podSelector.matchLabels];
  for (const selector of [...selectors, budget.selector.matchLabels]) expect(selector).toEqual(labels);
  const [container] = deployment.template.spec.containers;
  const ports = container.ports.map(({ name }: { name: string }) => name);
  expect(ports).toEqual(expect.arrayContaining([service.ports[0].targetPort, container.readinessProbe.httpGet.port]));
  const names = container.env.map(({ name }: { name: string }) => name);
  expect(names).toEqual(["STEPWELL_DATABASE", "STEPWELL_PEERS_HOST", "STEPWELL_PEERS_PORT", "STEPWELL_PEERS_ADDRESS"]);
});
