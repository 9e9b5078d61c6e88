/** Calls over connections that the service closes when they are used again. */
import { createServer, type Server, type Socket } from "node:net";
import { afterEach, beforeEach, expect, test } from "vitest";
import { serviceTask, startTask } from "../testing/service-fixture.ts";
import { AwsServices } from "./aws-services.ts";

let server: Server;
let services: AwsServices;
/** Requests answered, by connection. */
let answered: number[];
/** Each connection is reset when it is used after this many answers. */
let answersMax: number;

const BODY = '{"MessageId":"m","MD5OfMessageBody":"x"}';
const ANSWER = `HTTP/1.1 200 OK\r\nContent-Type: application/x-amz-json-1.0\r\nContent-Length: ${BODY.length}\r\n\r\n${BODY}`;

beforeEach(async () => {
  answered = [];
  server = createServer((socket) => {
    const connection = answered.push(0) - 1;
    let received = "";
    socket.on("error", () => socket.destroy());
    socket.on("data", (chunk) => {
      if ((answered[connection] ?? 0) >= answersMax) {
        socket.resetAndDestroy();
        return;
      }
      received += String(chunk);
      if (!received.endsWith("}")) return;
      received = "";
      answered[connection] = (answered[connection] ?? 0) + 1;
      socket.write(ANSWER);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const endpoint = `http://127.0.0.1:${(server.address() as { port: number }).port}`;
  services = new AwsServices({ endpoints: { default: endpoint }, env: { HOME: "/nonexistent" } });
});

afterEach(async () => {
  await services.close();
  server.close();
});

const send = () => startTask(services, serviceTask("sqs:sendMessage", { QueueUrl: "https://q/1/q", MessageBody: "m" }));

test("a connection is kept for the next call", async () => {
  answersMax = 2;
  await send();
  expect(await send()).toMatchObject({ kind: "succeeded" });
  expect(answered).toEqual([2]);
});

test("a call into a kept connection that is reset is made again on a new one", async () => {
  answersMax = 1;
  await send();
  expect(await send()).toMatchObject({ kind: "succeeded" });
  expect(answered).toEqual([1, 1]);
});

test("a call on a new connection that is reset is not made again", async () => {
  answersMax = 0;
  expect(await send()).toMatchObject({ kind: "failed", error: "SQS.SdkClientException" });
  expect(answered).toEqual([0]);
});

test("as many calls as the engine makes at once are under way at once", async () => {
  const CALLS = 256;
  const waiting: Socket[] = [];
  server.removeAllListeners("connection").on("connection", (socket) => {
    socket.on("error", () => socket.destroy());
    socket.once("data", () => {
      waiting.push(socket);
      // Nobody is answered before all have asked.
      if (waiting.length === CALLS) for (const each of waiting) each.write(ANSWER);
    });
  });
  const outcomes = await Promise.all(Array.from({ length: CALLS }, send));
  for (const socket of waiting) socket.destroy();
  expect(new Set(outcomes.map(({ kind }) => kind))).toEqual(new Set(["succeeded"]));
});
