/** Which package of the AWS SDK calls a service, and whether it is installed. */
import { createRequire } from "node:module";
import { join } from "node:path";
import { type ServiceModel, servicePrefixes } from "../service-models/service-model.ts";

/** Older names of services whose clients are called otherwise than their service ids say. */
const OTHER_NAMES: { readonly [service: string]: string } = {
  databasemigration: "client-database-migration-service",
  costexplorer: "client-cost-explorer",
};

/** `@aws-sdk/client-secrets-manager`. The SDK names its packages after the service's id in its model. */
export function clientPackage(model: ServiceModel): string {
  const id = model.metadata.serviceId.toLowerCase().replaceAll(/[^a-z0-9]+/g, "-");
  return `@aws-sdk/${OTHER_NAMES[model.service] ?? `client-${id}`}`;
}

/** A module of the AWS SDK as far as it is used here. */
export type ClientModule = Readonly<Record<string, unknown>>;

/** Finds client packages beside Stepwell, else in the user's project. */
export class ClientPackages {
  readonly #requires: readonly NodeJS.Require[];
  readonly #found = new Map<string, string>();

  constructor(baseDirectory: string) {
    this.#requires = [import.meta.url, join(baseDirectory, "package.json")].map((from) => createRequire(from));
  }

  /** Asked again until it is there: a package may be installed while the server runs. */
  isInstalled(name: string): boolean {
    return this.#pathOf(name) !== undefined;
  }

  async load(name: string): Promise<ClientModule> {
    const path = this.#pathOf(name);
    if (path === undefined) throw new ClientMissing(name);
    // `require` of the first that found it: the clients are CommonJS, too large for the analysis that `import` does of it.
    return this.#requires[0]?.(path) as ClientModule;
  }

  #pathOf(name: string): string | undefined {
    const known = this.#found.get(name);
    if (known !== undefined) return known;
    for (const require of this.#requires) {
      const path = resolved(require, name);
      if (path !== undefined) {
        this.#found.set(name, path);
        return path;
      }
    }
    return undefined;
  }
}

function resolved(require: NodeJS.Require, name: string): string | undefined {
  try {
    return require.resolve(name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "MODULE_NOT_FOUND") throw error;
    return undefined;
  }
}

export class ClientMissing extends Error {
  constructor(name: string) {
    super(installHint(name));
    this.name = "ClientMissing";
  }
}

export function installHint(name: string): string {
  return `the client of the AWS SDK for it is not installed: npm install ${name}`;
}

/** True for the tokens of `aws-sdk:<service>` that AWS has. */
export function isService(service: string): boolean {
  return servicePrefixes().has(service);
}
