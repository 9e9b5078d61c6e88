export { type IQueue, Queue, type QueueProps } from "./messaging.ts";
