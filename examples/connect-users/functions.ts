/**
 * The seven functions of the sample, as Lambda handlers. The contact centre they work on is a directory
 * (CONNECT_USERS_DIRECTORY), the bucket with the users' CSV file is another (CSV_DIRECTORY).
 *
 * Several processes run these functions at once, and a function may be run twice for the same item (after a crash, tasks
 * are done at least once). So whatever is made is made in one step that only one can win, and doing it again gives the same.
 */
import { createHash, randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { link, mkdir, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parse } from "csv-parse/sync";
import { stringify } from "csv-stringify/sync";

interface LambdaContext {
  readonly invokedFunctionArn: string;
}

interface Row {
  readonly "No.": string;
  readonly username: string;
  readonly default_password: string;
  readonly first_name: string;
  readonly last_name: string;
}

interface User {
  readonly username: string;
  /** The CSV file and the row that asked for the user. */
  readonly origin: string;
  readonly UserId: string;
  readonly UserArn: string;
}

/** What the Map gives for one row: the created user, or the error that was caught. */
interface MapOutput {
  readonly number: string;
  readonly usercreate: {
    readonly result: {
      readonly Payload?: Omit<User, "username" | "origin">;
      readonly Error?: string;
      readonly Cause?: string;
    };
  };
}

const RESULT_COLUMNS = ["No.", "CSVRowNumber", "result", "UserId", "UserArn", "errorMessage"];

const directory = process.env["CONNECT_USERS_DIRECTORY"] ?? "./contact-centre";
const csvDirectory = process.env["CSV_DIRECTORY"] ?? ".";
const instances = join(directory, "instances");

/** DeleteAllInstance: deletes every contact-centre instance, with its users. */
export async function deleteAllInstance(): Promise<{ statusCode: number; body: string }> {
  const found = existsSync(instances) ? await readdir(instances) : [];
  await rm(instances, { recursive: true, force: true });
  return { statusCode: 200, body: `Deleted ${found.length} instances` };
}

/** CreateAmazonConnectInstance: creates an instance. */
export async function createInstance(): Promise<{ statusCode: number; instanceId: string }> {
  const instanceId = randomUUID();
  await mkdir(join(instances, instanceId, "users"), { recursive: true });
  return { statusCode: 200, instanceId };
}

/**
 * instanceexistcheck: whether the instance has its routing and security profiles. A new instance has none for a short
 * while; here that while ends with the first check, so that the workflow's wait loop always runs once.
 * instance_exist_check.py does the same in Python.
 */
export async function instanceExistCheck(event: {
  instanceId: string;
}): Promise<{ result: "Success" } | { result: "Fail"; error: string }> {
  const instance = instanceDirectory(event.instanceId);
  if (!existsSync(instance)) return { result: "Fail", error: `There is no instance ${event.instanceId}` };
  const isFirst = await createOnce(join(instance, "profiles"), "");
  if (isFirst) return { result: "Fail", error: "The instance has no routing profile and no security profile yet" };
  return { result: "Success" };
}

/** CountCSV: the numbers of the rows in the newest TestFile_*.csv. */
export async function countCsv(): Promise<{ csvcount: string[] }> {
  const { rows } = await readRows();
  return { csvcount: rows.map((row) => row["No."]) };
}

/** csvfilecreate: writes today's result file with nothing but its header. */
export async function createResultFile(): Promise<{ statusCode: number; file: string }> {
  await mkdir(directory, { recursive: true });
  const file = `UserCreateResult_${today()}.csv`;
  await replaceFile(join(directory, file), stringify([RESULT_COLUMNS]));
  return { statusCode: 200, file };
}

/** CreateUser20231124: creates the user of one row; fails as the real service does when the row is bad. */
export async function createUser(
  event: { number: string; instanceId: string },
  context: LambdaContext,
): Promise<Pick<User, "UserId" | "UserArn">> {
  const { file, rows } = await readRows();
  const row = rows.find((candidate) => candidate["No."] === event.number);
  if (row === undefined) throw failure("ResourceNotFoundException", `${file} has no row ${event.number}`);
  const problem = problemOf(row);
  if (problem !== undefined) throw failure("InvalidParameterException", problem);
  const owner = ownerOf(row.username, rows);
  if (owner !== row)
    throw failure("DuplicateResourceException", `Username ${row.username} belongs to row ${owner["No."]}`);

  const users = join(instanceDirectory(event.instanceId), "users");
  if (!existsSync(users)) throw failure("ResourceNotFoundException", `There is no instance ${event.instanceId}`);
  const UserId = randomUUID();
  const user = {
    username: row.username,
    origin: `${file}#${row["No."]}`,
    UserId,
    UserArn: userArn(event, UserId, context),
  };
  const place = join(users, `${createHash("sha256").update(row.username).digest("hex")}.json`);
  if (await createOnce(place, JSON.stringify(user))) return { UserId, UserArn: user.UserArn };
  const existing = JSON.parse(await readFile(place, "utf8")) as User;
  if (existing.origin === user.origin) return { UserId: existing.UserId, UserArn: existing.UserArn };
  throw failure("DuplicateResourceException", `Username ${row.username} is taken`);
}

/** resultregister: puts one line for each row into the newest result file. */
export async function registerResults(
  event: readonly MapOutput[],
): Promise<{ statusCode: number; file: string; succeeded: number; failed: number }> {
  const file = await newestFile(directory, /^UserCreateResult_\d{8}\.csv$/);
  const lines = event.map(({ number, usercreate }, index) => {
    const { Payload, Error: error, Cause } = usercreate.result;
    return Payload === undefined
      ? [index + 1, number, "False", "", "", `${error}: ${errorMessage(Cause)}`]
      : [index + 1, number, "Success", Payload.UserId, Payload.UserArn, ""];
  });
  await replaceFile(join(directory, file), stringify([RESULT_COLUMNS, ...lines]));
  const succeeded = lines.filter(([, , result]) => result === "Success").length;
  return { statusCode: 200, file, succeeded, failed: lines.length - succeeded };
}

/** The first rule of the real service that the row breaks. */
function problemOf(row: Row): string | undefined {
  const { username, default_password: password } = row;
  if (username === "") return "Username must not be empty";
  if (username.length > 64) return `Username must have at most 64 characters but has ${username.length}`;
  if (!/^[a-zA-Z0-9_\-.@]+$/.test(username))
    return `Username must be of letters and digits and _-.@ but is ${username}`;
  if (row.first_name === "") return "First name must not be empty";
  if (row.last_name === "") return "Last name must not be empty";
  if (password === "") return "Password must not be empty";
  if (password.length < 8 || password.length > 64) return "Password must have 8 to 64 characters";
  if (!/[a-z]/.test(password)) return "Password must have a lower-case letter";
  if (!/[A-Z]/.test(password)) return "Password must have an upper-case letter";
  if (!/[0-9]/.test(password)) return "Password must have a digit";
  return undefined;
}

/**
 * A name that is asked for twice belongs to the first good row of the file. The Map runs rows at the same time; if the
 * name went to whoever comes first, the result would be another on each run. The file alone decides, so it is always the same.
 */
function ownerOf(username: string, rows: readonly Row[]): Row {
  return rows.find((row) => row.username === username && problemOf(row) === undefined)!;
}

function userArn(event: { instanceId: string }, userId: string, context: LambdaContext): string {
  const [, partition, , region, account] = context.invokedFunctionArn.split(":");
  return `arn:${partition}:connect:${region}:${account}:instance/${event.instanceId}/agent/${userId}`;
}

async function readRows(): Promise<{ file: string; rows: readonly Row[] }> {
  const file = await newestFile(csvDirectory, /^TestFile_.*\.csv$/);
  const rows = parse(await readFile(join(csvDirectory, file)), { bom: true, columns: true, skip_empty_lines: true });
  return { file, rows: rows as Row[] };
}

async function newestFile(place: string, name: RegExp): Promise<string> {
  const names = (await readdir(place)).filter((candidate) => name.test(candidate));
  const dated = await Promise.all(names.map(async (file) => ({ file, at: (await stat(join(place, file))).mtimeMs })));
  const newest = dated.sort((a, b) => b.at - a.at || (a.file < b.file ? 1 : -1))[0];
  if (newest === undefined) throw failure("NoSuchKey", `${place} has no file like ${name.source}`);
  return newest.file;
}

/** Ids come from the workflow's input: one that is not an id must not lead out of the directory. */
function instanceDirectory(instanceId: string): string {
  if (!/^[0-9a-f-]{36}$/.test(instanceId))
    throw failure("InvalidParameterException", `Not an instance id: ${instanceId}`);
  return join(instances, instanceId);
}

/** Makes a file with its whole text, unless it is there. True for the one process that made it. */
async function createOnce(file: string, text: string): Promise<boolean> {
  const draft = `${file}.${randomUUID()}`;
  await writeFile(draft, text);
  try {
    await link(draft, file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  } finally {
    await rm(draft);
  }
}

/** Whoever reads sees the old text or the new one, never a part. */
async function replaceFile(file: string, text: string): Promise<void> {
  const draft = `${file}.${randomUUID()}`;
  await writeFile(draft, text);
  await rename(draft, file);
}

/** A caught error's Cause is the JSON text of what the function threw. */
function errorMessage(cause = ""): string {
  try {
    return String((JSON.parse(cause) as { errorMessage?: unknown }).errorMessage ?? cause);
  } catch {
    return cause;
  }
}

function failure(name: string, message: string): Error {
  return Object.assign(new Error(message), { name });
}

function today(): string {
  return new Date().toISOString().slice(0, 10).replaceAll("-", "");
}
