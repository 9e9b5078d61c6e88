export { type ITopic, Topic, type TopicProps } from "./messaging.ts";
