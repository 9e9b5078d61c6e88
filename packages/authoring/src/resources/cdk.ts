export { Construct, Stack } from "../construct.ts";
export { Duration } from "../duration.ts";
export { Size } from "../size.ts";
