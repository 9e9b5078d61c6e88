/** Where execution logs go. */
export interface LogRecord {
  /** ARN of the log group, as the state machine's configuration has it. */
  readonly logGroupArn: string;
  readonly logStream: string;
  readonly timestamp: number;
  /** One JSON text without line breaks. */
  readonly message: string;
}

export interface LogSink {
  /** Resolves to what shall be sent again; rejects when nothing was accepted. What can never be accepted is `refused`. */
  send(batch: readonly LogRecord[], refused: (count: number, reason: unknown) => void): Promise<readonly LogRecord[]>;
  /**
   * Makes ready a log group that a state machine is to log to. False: it does not exist. A sink that is away says true:
   * it must not keep anybody from creating state machines.
   */
  prepare?(logGroupArn: string): Promise<boolean>;
  close?(): Promise<void>;
}
