import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";

/** A job, as its service has it. */
export interface Job {
  readonly id: string;
  asked: number;
  stopped: boolean;
}

/** A farm of the user's own (`/farm`), and EMR Serverless: each knows a repeated start by its token. */
export class JobServices {
  readonly byToken: Map<string, Job> = new Map();
  /** Nothing can be stopped. */
  isStubborn = false;
  /** Starts are heard but not answered. */
  isSilent = false;
  readonly #server: Server = createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request) body += String(chunk);
    const answer = (status: number, value: object): void => {
      response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(value));
    };
    const [path = ""] = (request.url ?? "").split("?");
    if (request.method === "POST") {
      const { key, clientToken } = JSON.parse(body) as { key?: string; clientToken?: string };
      const token = key ?? clientToken ?? "";
      const job = this.byToken.get(token) ?? { id: `j${this.byToken.size}`, asked: 0, stopped: false };
      this.byToken.set(token, job);
      if (!this.isSilent) answer(200, { id: job.id, applicationId: "app1", jobRunId: job.id, arn: "arn:x" });
      return;
    }
    const job = [...this.byToken.values()].find(({ id }) => path.endsWith(`/${id}`));
    if (job === undefined) return answer(404, { message: "gone" });
    if (request.method === "DELETE") {
      if (this.isStubborn) return answer(503, { message: "not now" });
      job.stopped = true;
      return answer(200, {});
    }
    job.asked += 1;
    const state = job.stopped ? "CANCELLED" : "RUNNING";
    answer(200, { id: job.id, state, jobRun: { applicationId: "app1", jobRunId: job.id, state } });
  });

  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  get all(): Job[] {
    return [...this.byToken.values()];
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }
}

/** The farm in `jobs` of stepwell.yaml. */
export function farmOf(url: string): object {
  return {
    start: { url: `${url}/farm`, body: { key: "{token}" } },
    describe: { url: `${url}/farm/{job.id}` },
    stop: { url: `${url}/farm/{job.id}`, method: "DELETE" },
    status: "state",
    success: ["DONE"],
    failure: ["CANCELLED"],
  };
}

/** A definition with this task alone. */
export function oneTask(name: string, resource: string, parameters: object): object {
  return { StartAt: name, States: { [name]: { Type: "Task", Resource: resource, Parameters: parameters, End: true } } };
}
