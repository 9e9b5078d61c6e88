/**
 * The deployed stacks of nodes that share a database: what was deployed to one node's data directory goes into the database,
 * and from there into the directory of every other one. So a node that is gone takes nothing with it, and a stack is
 * deployed again, or destroyed, at any node.
 *
 * S1. `<data>/deployed/.shared.json` says what this directory had in common with the database last. What differs from it
 *     here was deployed or destroyed here; what differs there, elsewhere. Where both differ, here counts: it is later.
 * S2. The database names code only after all of it is there, and a directory a stack only after all its code is.
 */
import { createHash, randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { lstat, mkdir, readdir, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import type { JsonObject } from "@stepwell/core";
import { type StoredRecord, StoreUnavailable } from "@stepwell/engine";
import { isStackName, writeWhole } from "../stack-record.ts";
import { SERVICE_FILE } from "./service-file.ts";
import { type Records, StoredCode } from "./stored-code.ts";

const STACK_KIND = "deployed-stack";
const NEWS_KIND = "deployed-revision";
const NEWS_KEY = "newest";
const INSTALLATION_KEY = "installation";
const SEEN_KIND = "deployed-seen";
const MARK_FILE = ".shared.json";
const RECORD_FILE = "stack.json";
const STACKS_MAX = 1_000;
const TEXT_CHARACTERS_MAX = 16 * 1_048_576;
const ATTEMPTS_MAX = 8;
const TURNS_MAX = 8;
const PAGE = 20;
const SEEN_AT_ONCE = 500;
const AGAIN_MS = 15_000;

export interface SharedStacksOptions {
  readonly records: Records;
  /** `<data>/deployed`. */
  readonly directory: string;
  /** How this node is called among the others. */
  readonly self: string;
  /** The other nodes that live. */
  others(): ReadonlySet<string>;
  readonly onProblem: (problem: unknown, about: string) => void;
}

interface Mark {
  readonly etag: string;
  readonly digest: string;
}

interface MarkFile {
  readonly installation: string;
  readonly stacks: Readonly<Record<string, Mark>>;
}

/** A stack as the database has it: the texts of its two files, and the hash of each folder of code. */
interface SharedStack {
  readonly record?: string;
  readonly service?: string;
  readonly code: Readonly<Record<string, string>>;
}

export class SharedStacks {
  readonly #options: SharedStacksOptions;
  readonly #code: StoredCode;
  #marks: Map<string, Mark> | undefined;
  #installation: string | undefined;
  /** Times and sizes of the files of all stacks, when they were looked at last. */
  #looked = "";
  /** A stack that could not be exchanged is tried again then. */
  #againAt = Number.POSITIVE_INFINITY;
  /** The revision of the database that this directory has. */
  #taken: string | undefined;

  constructor(options: SharedStacksOptions) {
    this.#options = options;
    this.#code = new StoredCode(options.records);
  }

  /** Whether there is something to bring or to take. Cheap: asked for every second. */
  async isBehind(): Promise<boolean> {
    if (performance.now() > this.#againAt) return true;
    return (await this.#revision()) !== this.#taken || (await this.#look()) !== this.#looked;
  }

  /** Brings what was deployed here, and takes what was deployed elsewhere. */
  async exchange(): Promise<void> {
    await mkdir(this.#options.directory, { recursive: true, mode: 0o700 });
    // Once more after something was brought: others may have done the same.
    for (let turn = 1; turn <= TURNS_MAX; turn++) if (!(await this.#exchangeOnce())) return;
  }

  async #exchangeOnce(): Promise<boolean> {
    const { records } = this.#options;
    this.#againAt = Number.POSITIVE_INFINITY;
    const revision = await this.#revision();
    const looked = await this.#look();
    const marks = await this.#readMarks();
    const stored = new Map((await allStacks(records)).map((record) => [record.key, record]));
    let brought = false;
    for (const name of new Set([...(await this.#names()), ...marks.keys(), ...stored.keys()])) {
      try {
        if (await this.#exchangeStack(name, stored.get(name), marks)) brought = true;
      } catch (error) {
        if (error instanceof StoreUnavailable) throw error;
        // The others are exchanged all the same.
        this.#options.onProblem(error, `deployed stack ${name}`);
        this.#againAt = performance.now() + AGAIN_MS;
      }
    }
    this.#looked = looked;
    this.#taken = revision;
    if (brought) {
      await this.#set(NEWS_KIND, NEWS_KEY, randomUUID());
      await this.#forgetGone();
    }
    return brought;
  }

  /** What nodes said that did not end in order. One that lives says again what it has, since there is something new. */
  async #forgetGone(): Promise<void> {
    const { records, self, others } = this.#options;
    const living = others();
    for (const { key, etag } of await records.records(SEEN_KIND, "", undefined, SEEN_AT_ONCE))
      if (key !== self && !living.has(key)) await records.commitRecord(SEEN_KIND, key, etag, undefined);
  }

  /** True when it was brought. */
  async #exchangeStack(name: string, given: StoredRecord | undefined, marks: Map<string, Mark>): Promise<boolean> {
    const mark = marks.get(name);
    const digest = await this.#digest(name);
    if (this.#isDecidedHere(mark, digest, given)) {
      await this.#bring(name, digest, given, marks);
      return true;
    }
    if (given?.etag !== mark?.etag) await this.#take(name, given, marks);
    return false;
  }

  /** S1. A directory without a mark is new to the database: what is there already counts. */
  #isDecidedHere(mark: Mark | undefined, digest: string | undefined, given: StoredRecord | undefined): boolean {
    if (mark === undefined) return digest !== undefined && given === undefined;
    return mark.digest !== (digest ?? "");
  }

  async #bring(
    name: string,
    digest: string | undefined,
    given: StoredRecord | undefined,
    marks: Map<string, Mark>,
  ): Promise<void> {
    const { records } = this.#options;
    const before = given === undefined ? [] : Object.values(stackOf(given).code);
    if (digest === undefined) {
      if (given !== undefined) await records.commitRecord(STACK_KIND, name, given.etag, undefined);
      marks.delete(name);
    } else {
      const stack = await this.#readStack(name);
      const etag = await this.#putStack(name, given, stack);
      // Somebody who had the same code may have taken it away just now.
      for (const [path, hash] of Object.entries(stack.code))
        if (!(await this.#code.isWhole(hash))) await this.#code.put(this.#path(name, path));
      marks.set(name, { etag, digest });
    }
    await this.#writeMarks(marks);
    await this.#deleteUnused(before);
  }

  async #putStack(name: string, given: StoredRecord | undefined, stack: SharedStack): Promise<string> {
    const { records } = this.#options;
    let before = given;
    for (let attempt = 1; attempt <= ATTEMPTS_MAX; attempt++) {
      const etag = randomUUID();
      const record = { kind: STACK_KIND, key: name, value: stack as unknown as JsonObject, etag };
      if (await records.commitRecord(STACK_KIND, name, before?.etag, record)) return etag;
      before = await records.record(STACK_KIND, name);
    }
    throw new Error(`the stack ${name} is changed by others all the time`);
  }

  async #readStack(name: string): Promise<SharedStack> {
    const [record, service] = await Promise.all([this.#text(name, RECORD_FILE), this.#text(name, SERVICE_FILE)]);
    const code: Record<string, string> = {};
    for (const path of await this.#codeFolders(name)) {
      // What no function names was left by a deployment, and goes with it.
      if (service?.includes(path) === true) code[path] = await this.#code.put(this.#path(name, path));
    }
    return { ...(record === undefined ? {} : { record }), ...(service === undefined ? {} : { service }), code };
  }

  /** `functions/<name>/<hash>`, a folder for each version. */
  async #codeFolders(stack: string): Promise<string[]> {
    const folders: string[] = [];
    for (const name of await namesIn(this.#path(stack, "functions")))
      for (const version of await namesIn(this.#path(stack, "functions", name)))
        if (!version.startsWith(".")) folders.push(`functions/${name}/${version}`);
    return folders;
  }

  async #deleteUnused(hashes: readonly string[]): Promise<void> {
    if (hashes.length === 0) return;
    const used = new Set(
      (await allStacks(this.#options.records)).flatMap((record) => Object.values(stackOf(record).code)),
    );
    for (const hash of new Set(hashes)) if (!used.has(hash)) await this.#code.delete(hash);
  }

  async #take(name: string, given: StoredRecord | undefined, marks: Map<string, Mark>): Promise<void> {
    if (given === undefined) {
      await rm(this.#path(name), { recursive: true, force: true });
      marks.delete(name);
      return this.#writeMarks(marks);
    }
    const { record, service, code } = stackOf(given);
    for (const [path, hash] of Object.entries(code)) await this.#takeCode(name, path, hash);
    await mkdir(this.#path(name), { recursive: true, mode: 0o700 });
    for (const [file, text] of [
      [SERVICE_FILE, service],
      [RECORD_FILE, record],
    ] as const) {
      if (text === undefined) await rm(this.#path(name, file), { force: true });
      else await writeWhole(this.#path(name, file), text);
    }
    marks.set(name, { etag: given.etag, digest: (await this.#digest(name)) ?? "" });
    await this.#writeMarks(marks);
    for (const path of await this.#codeFolders(name))
      if (code[path] === undefined) await rm(this.#path(name, path), { recursive: true, force: true });
  }

  async #takeCode(name: string, path: string, hash: string): Promise<void> {
    if (!/^functions\/[^/\\]+\/[^/\\]+$/.test(path) || path.includes(".."))
      throw new Error(`${path}: is no folder of code`);
    const place = this.#path(name, path);
    if (existsSync(place)) return;
    const making = `${place}.${randomUUID()}.making`;
    await mkdir(making, { recursive: true, mode: 0o700 });
    try {
      await this.#code.unpack(hash, making);
      await rename(making, place);
    } catch (error) {
      await rm(making, { recursive: true, force: true });
      throw error;
    }
  }

  #path(name: string, ...rest: readonly string[]): string {
    if (!isStackName(name)) throw new Error(`${name}: is no name of a stack`);
    return join(this.#options.directory, name, ...rest);
  }

  async #names(): Promise<string[]> {
    return (await namesIn(this.#options.directory)).filter(isStackName).slice(0, STACKS_MAX);
  }

  /** Of what a stack is; `undefined` when there is none. */
  async #digest(name: string): Promise<string | undefined> {
    const texts = await Promise.all([this.#text(name, RECORD_FILE), this.#text(name, SERVICE_FILE)]);
    if (texts.every((text) => text === undefined)) return undefined;
    return createHash("sha256").update(JSON.stringify(texts)).digest("hex");
  }

  async #text(name: string, file: string): Promise<string | undefined> {
    const text = await readFile(this.#path(name, file), "utf8").catch(absent);
    if (text !== undefined && text.length > TEXT_CHARACTERS_MAX)
      throw new Error(`${this.#path(name, file)}: must have at most ${TEXT_CHARACTERS_MAX} characters`);
    return text;
  }

  async #look(): Promise<string> {
    const seen: string[] = [];
    for (const name of await this.#names()) {
      for (const file of [RECORD_FILE, SERVICE_FILE]) {
        const stats = await lstat(this.#path(name, file)).catch(absent);
        seen.push(`${name} ${stats?.mtimeMs} ${stats?.size} ${stats?.ino}`);
      }
    }
    return seen.join("\n");
  }

  async #readMarks(): Promise<Map<string, Mark>> {
    if (this.#marks === undefined) {
      const installation = await this.#installationId();
      const text = await readFile(join(this.#options.directory, MARK_FILE), "utf8").catch(absent);
      const file = text === undefined ? undefined : (JSON.parse(text) as MarkFile);
      // Marks of another database say nothing about this one.
      this.#marks = new Map(file?.installation === installation ? Object.entries(file.stacks) : []);
    }
    return this.#marks;
  }

  async #writeMarks(marks: ReadonlyMap<string, Mark>): Promise<void> {
    const file: MarkFile = { installation: await this.#installationId(), stacks: Object.fromEntries(marks) };
    await writeWhole(join(this.#options.directory, MARK_FILE), JSON.stringify(file));
  }

  /** Made once for a database. */
  async #installationId(): Promise<string> {
    if (this.#installation === undefined) {
      const { records } = this.#options;
      const made = { kind: NEWS_KIND, key: INSTALLATION_KEY, value: {}, etag: randomUUID() };
      await records.commitRecord(NEWS_KIND, INSTALLATION_KEY, undefined, made);
      this.#installation = (await records.record(NEWS_KIND, INSTALLATION_KEY))?.etag ?? made.etag;
    }
    return this.#installation;
  }

  async #revision(): Promise<string | undefined> {
    return (await this.#options.records.record(NEWS_KIND, NEWS_KEY))?.etag;
  }

  async #set(kind: string, key: string, revision: string): Promise<void> {
    const { records } = this.#options;
    for (let attempt = 1; attempt <= ATTEMPTS_MAX; attempt++) {
      const before = await records.record(kind, key);
      const record = { kind, key, value: { revision }, etag: kind === NEWS_KIND ? revision : randomUUID() };
      if (await records.commitRecord(kind, key, before?.etag, record)) return;
    }
    throw new Error(`${kind}: is changed by others all the time`);
  }

  /** This node has what it says: its functions are those of the directory. */
  async sayTaken(): Promise<void> {
    if (this.#taken === undefined) return;
    const said = await this.#options.records.record(SEEN_KIND, this.#options.self);
    if (said?.value["revision"] !== this.#taken) await this.#set(SEEN_KIND, this.#options.self, this.#taken);
  }

  /** This node ends. */
  async leave(): Promise<void> {
    const { records, self } = this.#options;
    const said = await records.record(SEEN_KIND, self);
    if (said !== undefined) await records.commitRecord(SEEN_KIND, self, said.etag, undefined);
  }

  /** The other nodes that have not yet what the database has. */
  async waitingFor(): Promise<string[]> {
    const { records, others } = this.#options;
    const revision = await this.#revision();
    const late: string[] = [];
    for (const node of others())
      if ((await records.record(SEEN_KIND, node))?.value["revision"] !== revision) late.push(node);
    return late;
  }
}

function stackOf({ value }: StoredRecord): SharedStack {
  return value as unknown as SharedStack;
}

async function allStacks(records: Records): Promise<StoredRecord[]> {
  const stacks: StoredRecord[] = [];
  while (stacks.length < STACKS_MAX) {
    const page = await records.records(STACK_KIND, "", stacks.at(-1)?.key, PAGE);
    stacks.push(...page);
    if (page.length < PAGE) break;
  }
  return stacks;
}

async function namesIn(directory: string): Promise<string[]> {
  return (await readdir(directory).catch(absent)) ?? [];
}

function absent(error: NodeJS.ErrnoException): undefined {
  if (error.code !== "ENOENT" && error.code !== "ENOTDIR") throw error;
}
