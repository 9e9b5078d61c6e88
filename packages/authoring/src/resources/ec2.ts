import type { Construct } from "../construct.ts";
import { NamedReference } from "./named-reference.ts";

export interface ISubnet {
  readonly subnetId: string;
}
/** A subnet that exists already. */
export class Subnet implements ISubnet {
  static fromSubnetId(_scope: unknown, _id: string, subnetId: string): Subnet {
    return new Subnet(subnetId);
  }

  readonly subnetId: string;

  private constructor(subnetId: string) {
    this.subnetId = subnetId;
  }
}

export interface ISecurityGroup {
  readonly securityGroupId: string;
}
export interface IVpc {
  readonly vpcId: string;
  readonly publicSubnets: readonly ISubnet[];
  readonly privateSubnets: readonly ISubnet[];
  readonly isolatedSubnets?: readonly ISubnet[];
}

export const SubnetType = {
  PUBLIC: "Public",
  PRIVATE_WITH_EGRESS: "Private",
  PRIVATE_WITH_NAT: "Private",
  PRIVATE_ISOLATED: "Isolated",
} as const;
export type SubnetType = (typeof SubnetType)[keyof typeof SubnetType];

/** Which of a network's subnets; the private ones unless said otherwise. */
export interface SubnetSelection {
  readonly subnetType?: SubnetType;
  readonly subnets?: readonly ISubnet[];
}

/** The ids of the subnets chosen: those given, or those of the type; private ones, or the public if there are none. */
export function selectSubnetIds(vpc: IVpc, selection: SubnetSelection | undefined): readonly string[] {
  return chosenSubnets(vpc, selection).map(({ subnetId }) => subnetId);
}

function chosenSubnets(vpc: IVpc, selection: SubnetSelection = {}): readonly ISubnet[] {
  if (selection.subnets !== undefined) return selection.subnets;
  if (selection.subnetType === SubnetType.PUBLIC) return vpc.publicSubnets;
  if (selection.subnetType === SubnetType.PRIVATE_ISOLATED) return vpc.isolatedSubnets ?? [];
  if (selection.subnetType !== undefined || vpc.privateSubnets.length > 0) return vpc.privateSubnets;
  return vpc.isolatedSubnets?.length ? vpc.isolatedSubnets : vpc.publicSubnets;
}

/** A security group that exists elsewhere. */
export class SecurityGroup extends NamedReference implements ISecurityGroup {
  static fromSecurityGroupId(_scope: Construct, _id: string, securityGroupId: string): ISecurityGroup {
    return { securityGroupId };
  }

  // The rest of what makes a real group (its network, its rules) says nothing about a definition.
  constructor(scope: Construct, id: string, _props: { readonly vpc?: IVpc } = {}) {
    super(scope, id);
  }

  get securityGroupId(): string {
    return `sg-${this.node.resourceName.toLowerCase()}`;
  }
}

/** `m5.xlarge` and the like; the text may be a reference. */
export class InstanceType {
  static of(instanceClass: InstanceClass, instanceSize: InstanceSize): InstanceType {
    return new InstanceType(`${instanceClass}.${instanceSize}`);
  }

  readonly #identifier: string;

  constructor(identifier: string) {
    this.#identifier = identifier;
  }

  toString(): string {
    return this.#identifier;
  }
}

export const InstanceClass = {
  M3: "m3",
  M4: "m4",
  M5: "m5",
  M5A: "m5a",
  M5AD: "m5ad",
  M5D: "m5d",
  M5DN: "m5dn",
  M5N: "m5n",
  M5ZN: "m5zn",
  M6A: "m6a",
  M6G: "m6g",
  M6GD: "m6gd",
  M6I: "m6i",
  M6ID: "m6id",
  M6IDN: "m6idn",
  M6IN: "m6in",
  M7A: "m7a",
  M7G: "m7g",
  M7GD: "m7gd",
  M7I: "m7i",
  M8G: "m8g",
  C3: "c3",
  C4: "c4",
  C5: "c5",
  C5A: "c5a",
  C5AD: "c5ad",
  C5D: "c5d",
  C5N: "c5n",
  C6A: "c6a",
  C6G: "c6g",
  C6GD: "c6gd",
  C6GN: "c6gn",
  C6I: "c6i",
  C6ID: "c6id",
  C6IN: "c6in",
  C7A: "c7a",
  C7G: "c7g",
  C7GD: "c7gd",
  C7GN: "c7gn",
  C7I: "c7i",
  C8G: "c8g",
  R3: "r3",
  R4: "r4",
  R5: "r5",
  R5A: "r5a",
  R5AD: "r5ad",
  R5B: "r5b",
  R5D: "r5d",
  R5DN: "r5dn",
  R5N: "r5n",
  R6A: "r6a",
  R6G: "r6g",
  R6GD: "r6gd",
  R6I: "r6i",
  R6ID: "r6id",
  R7A: "r7a",
  R7G: "r7g",
  R7GD: "r7gd",
  R7I: "r7i",
  R8G: "r8g",
  T1: "t1",
  T2: "t2",
  T3: "t3",
  T3A: "t3a",
  T4G: "t4g",
  I2: "i2",
  I3: "i3",
  I3EN: "i3en",
  I4I: "i4i",
  D2: "d2",
  D3: "d3",
  D3EN: "d3en",
  H1: "h1",
  F1: "f1",
  G3: "g3",
  G3S: "g3s",
  G4AD: "g4ad",
  G4DN: "g4dn",
  G5: "g5",
  G5G: "g5g",
  G6: "g6",
  G6E: "g6e",
  P2: "p2",
  P3: "p3",
  P3DN: "p3dn",
  P4D: "p4d",
  P4DE: "p4de",
  P5: "p5",
  INF1: "inf1",
  INF2: "inf2",
  TRN1: "trn1",
  TRN1N: "trn1n",
  X1: "x1",
  X1E: "x1e",
  X2G: "x2g",
  X2GD: "x2gd",
  Z1D: "z1d",
  A1: "a1",
  STANDARD3: "m3",
  STANDARD4: "m4",
  STANDARD5: "m5",
  COMPUTE3: "c3",
  COMPUTE4: "c4",
  COMPUTE5: "c5",
  MEMORY3: "r3",
  MEMORY4: "r4",
  MEMORY5: "r5",
  BURSTABLE2: "t2",
  BURSTABLE3: "t3",
  BURSTABLE4_GRAVITON: "t4g",
  PARALLEL2: "p2",
  PARALLEL3: "p3",
  PARALLEL4_D: "p4d",
  GRAPHICS3: "g3",
  GRAPHICS4_NVME_DRIVE_HIGH_PERFORMANCE: "g4dn",
  GRAPHICS5: "g5",
  INFERENCE1: "inf1",
  INFERENCE2: "inf2",
  TRAINING1: "trn1",
  IO3: "i3",
  STORAGE2: "d2",
  ARM1: "a1",
} as const;
export type InstanceClass = (typeof InstanceClass)[keyof typeof InstanceClass];

export const InstanceSize = {
  NANO: "nano",
  MICRO: "micro",
  SMALL: "small",
  MEDIUM: "medium",
  LARGE: "large",
  XLARGE: "xlarge",
  XLARGE2: "2xlarge",
  XLARGE3: "3xlarge",
  XLARGE4: "4xlarge",
  XLARGE6: "6xlarge",
  XLARGE8: "8xlarge",
  XLARGE9: "9xlarge",
  XLARGE10: "10xlarge",
  XLARGE12: "12xlarge",
  XLARGE16: "16xlarge",
  XLARGE18: "18xlarge",
  XLARGE24: "24xlarge",
  XLARGE32: "32xlarge",
  XLARGE48: "48xlarge",
  XLARGE56: "56xlarge",
  XLARGE96: "96xlarge",
  XLARGE112: "112xlarge",
  METAL: "metal",
} as const;
export type InstanceSize = (typeof InstanceSize)[keyof typeof InstanceSize];
