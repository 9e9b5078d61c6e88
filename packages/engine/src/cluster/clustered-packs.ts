/** Packs of children between the processes of a cluster. */
import type { ChildPack, ChildPacks, PackAnswer } from "../ports/child-packs.ts";
import type { Cluster, PeerCall } from "../ports/cluster.ts";

export class ClusteredPacks implements ChildPacks {
  readonly #cluster: Cluster;

  constructor(cluster: Cluster) {
    this.#cluster = cluster;
  }

  helpers(): readonly string[] {
    return [...this.#cluster.others];
  }

  async run(helper: string, pack: ChildPack): Promise<PackAnswer> {
    return (await this.#cluster.askOther(helper, { method: "runPack", args: [pack] })) as PackAnswer;
  }

  counted(helper: string, id: string, count: number): void {
    this.#say(helper, { method: "packCounted", args: [id, count] });
  }

  cancel(helper: string, id: string): void {
    this.#say(helper, { method: "cancelPack", args: [id] });
  }

  /** Whoever is gone need not hear it. */
  #say(helper: string, call: PeerCall): void {
    this.#cluster.askOther(helper, call).catch(() => undefined);
  }
}
