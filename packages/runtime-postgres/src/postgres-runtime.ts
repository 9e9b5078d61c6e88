/** One node on PostgreSQL: the engine's stores, and the node's place among the others. */
import { randomBytes } from "node:crypto";
import { hostname } from "node:os";
import type { CatalogStore, Cluster, ExecutionStore, MapRunStore } from "@stepwell/engine";
import { openCatalogStore } from "./catalog-store.ts";
import { Membership, type MembershipEvent } from "./cluster/membership.ts";
import { openPeerServer, type PeerServer } from "./cluster/peer-server.ts";
import { PeerTls, type PeerTlsFiles } from "./cluster/peer-tls.ts";
import { PeerWire } from "./cluster/peer-wire.ts";
import { PostgresCluster } from "./cluster/postgres-cluster.ts";
import { openPostgres, type Postgres, type PostgresOptions } from "./database.ts";
import { openExecutionStore } from "./execution-store.ts";
import { openMapRunStore } from "./map-run-store.ts";
import { migrate } from "./migrations.ts";

export interface PostgresRuntimeOptions extends PostgresOptions {
  /** Where this node listens for others; default 127.0.0.1 and any port. */
  readonly peerHost?: string;
  readonly peerPort?: number;
  /** Where others reach it, when that is not where it listens: `host` or `host:port`. */
  readonly peerAddress?: string;
  /** Calls between nodes are encrypted; at all nodes or at none. */
  readonly peerTls?: PeerTlsFiles;
  /** Of the release, for whoever looks into the table of leases. */
  readonly version?: string;
  /** Default 4 seconds: after so long without a renewal a node is taken over from. */
  readonly leaseMs?: number;
  readonly onEvent?: (event: MembershipEvent) => void;
}

export interface PostgresRuntime {
  readonly database: Postgres;
  readonly executionStore: ExecutionStore;
  readonly catalogStore: CatalogStore;
  readonly mapRunStore: MapRunStore;
  readonly cluster: Cluster;
  /** Takes its share of the executions. Call when the engine is made and attached. */
  join(): Promise<void>;
  /** Where other nodes reach this one, which is what it is called among them. */
  readonly address: string;
  /** The addresses of the others that live. */
  others(): ReadonlySet<string>;
  /** This node has the first shard: what one node alone is to do, it does. */
  isFirst(): boolean;
  /** Call after the engine was drained. */
  close(): Promise<void>;
}

/**
 * Connects, makes or updates the tables, and listens for other nodes. Rejects with `StoreUnavailable`, and with
 * `PeerTlsFailure` for files of `peerTls` that cannot be used.
 */
export async function openPostgresRuntime(options: PostgresRuntimeOptions): Promise<PostgresRuntime> {
  const tls = options.peerTls && new PeerTls(options.peerTls);
  await migrate(options);
  const database = openPostgres(options);
  let self: PostgresCluster | undefined;
  let peers: PeerServer | undefined;
  try {
    const catalogStore = openCatalogStore(database);
    const secret = await catalogStore.secret("peers", randomBytes(32).toString("hex"));
    const host = options.peerHost ?? "127.0.0.1";
    peers = await openPeerServer({
      host,
      port: options.peerPort ?? 0,
      secret: () => secret,
      answer: async (call) => self?.answer(call),
      tellOf: (topic, tell) => self?.tellOf(topic, tell) ?? (() => undefined),
      ...(tls && { tls }),
      ...(options.onProblem && { onProblem: options.onProblem }),
    });
    const reachedAt = addressOf(options.peerAddress ?? host, peers.port);
    await tls?.check(peers.port, host, reachedAt);
    const address = tls === undefined ? reachedAt : `https://${reachedAt}`;
    const { onProblem, onEvent, leaseMs } = options;
    const membership = new Membership({
      database,
      name: `${hostname()}:${process.pid}`,
      address,
      version: options.version ?? "",
      ...(leaseMs === undefined ? {} : { leaseMs }),
      ...(onProblem === undefined ? {} : { onProblem }),
      ...(onEvent === undefined ? {} : { onEvent }),
    });
    const wire = new PeerWire(() => secret, tls, onProblem);
    const cluster = new PostgresCluster(membership, address, wire, onProblem ?? (() => undefined));
    self = cluster;
    const server = peers;
    return {
      database,
      catalogStore,
      executionStore: openExecutionStore(database, membership),
      mapRunStore: openMapRunStore(database, membership),
      cluster,
      join: () => membership.start(cluster.listener),
      address,
      others: () => cluster.others,
      isFirst: () => membership.shards().includes(0),
      async close() {
        await membership.stop();
        await server.close();
        cluster.close();
        await database.close();
      },
    };
  } catch (error) {
    await peers?.close();
    await database.close();
    throw error;
  }
}

function addressOf(host: string, port: number): string {
  return /:\d+$/.test(host) ? host : `${host}:${port}`;
}
