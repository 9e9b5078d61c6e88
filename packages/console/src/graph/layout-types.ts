/** What layouts of one block take and give; pixels, the origin at the top left. */

export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface LayoutNode {
  readonly id: string;
  readonly width: number;
  readonly height: number;
}

export interface LayoutEdge {
  readonly from: string;
  readonly to: string;
  /** Where it stands among the block's edges. */
  readonly index: number;
}

export interface PlacedNode extends LayoutNode, Point {}

export interface LaidEdge extends LayoutEdge {
  /** At least two; the first is at the source, the last at the target. */
  readonly points: readonly Point[];
}

export interface BlockLayout {
  readonly width: number;
  readonly height: number;
  readonly nodes: readonly PlacedNode[];
  readonly edges: readonly LaidEdge[];
}
