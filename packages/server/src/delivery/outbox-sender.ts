/**
 * Brings the events of an outbox to a sink.
 *
 * S1. An event is taken off when the sink has taken or refused it, or when it was given up: each comes at least once.
 * S2. An event never overtakes an earlier one of its execution, unless that one was given up.
 * S3. What a sink does not take keeps nobody else from it: its execution rests, each time longer, and the outbox is read on.
 *     At most half of the calls go to what has failed before.
 * S4. Memory is bounded: beyond `LINES_MAX` executions whose events are not taken, the outbox is read no further.
 * S5. Where nobody is there, or nobody has been served for a minute, one attempt at a time finds out whether that is over.
 *     What nobody was there to take is not counted as an attempt.
 */
import type { Announcement } from "@stepwell/engine";
import type { DeadLetter, DeadLetters } from "./dead-letters.ts";
import { DropReport, type DropReportOptions } from "./drop-report.ts";
import type { DeliveryOutcome, EventSink } from "./event-sink.ts";
import { type Line, OutboxLines, type WaitingEvent } from "./outbox-lines.ts";
import { type Outbox, OutboxReader } from "./outbox-reader.ts";
import { parseStatusEvent, type StatusEvent } from "./status-event.ts";

export interface OutboxSenderOptions extends Pick<DropReportOptions, "onProblem"> {
  readonly sink: EventSink;
  readonly outbox: Outbox;
  /** Told of each event before the sink is, at least once. A rejection means: once more, later. */
  readonly tellFirst?: (events: readonly StatusEvent[]) => Promise<void>;
  /** Whether this process is to tell of an execution now. Default: always. */
  readonly owns?: (executionArn: string) => boolean;
  /** Counts what the sink took. */
  readonly delivered?: (count: number) => void;
  /** Counts attempts that the sink did not take, or refused. */
  readonly refused?: (count: number) => void;
  /** Counts events that were given up. */
  readonly dropped?: (count: number) => void;
  /** Where those are kept. Default: nowhere. */
  readonly deadLetters?: DeadLetters;
  /** Default 24 hours, as EventBridge. */
  readonly maximumEventAgeInSeconds?: number;
  /** Attempts after the first one; default 185, as EventBridge. They are counted anew when the process starts. */
  readonly maximumRetryAttempts?: number;
  readonly now?: () => number;
  /** The pause before a second attempt; each further one is twice as long, up to eight minutes. Default 250. */
  readonly pauseMs?: number;
  /** Looks through the whole outbox so often: another process may have left something. Default: never. */
  readonly lookEveryMs?: number;
}

const PAGE = 500;
const READY_EVENTS_MAX = 4_000;
const READY_CHARACTERS_MAX = 16 * 1_048_576;
const LINES_MAX = 50_000;
const POSITIONS_MAX = 200_000;
const FORGOTTEN_TOGETHER_MAX = 1_000;
const PAUSE_MS = 250;
/** 185 attempts take about a day. */
const PAUSE_MAX_MS = 480_000;
const AWAY_PAUSE_MAX_MS = 60_000;
const AGE_MAX_SECONDS = 86_400;
const RETRIES_MAX = 185;
/** As many failures in a row make a sink slow, and after a minute without a success one that may be away. */
const STREAK = 16;
const STREAK_PAUSE_MS = 25;
const UNSERVED_MS = 60_000;
const UNSERVED_PAUSE_MS = 1_000;

export class OutboxSender {
  readonly #options: OutboxSenderOptions;
  readonly #report: DropReport;
  readonly #lines = new OutboxLines();
  readonly #now: () => number;
  readonly #looking: NodeJS.Timeout | undefined;
  readonly #reader: OutboxReader;
  #calls = 0;
  #dueCalls = 0;
  #isDueNext = false;
  #streak = 0;
  #servedAt: number;
  #awayFailures = 0;
  #pauseTimer: NodeJS.Timeout | undefined;
  #toForget: number[] = [];
  #forgetting: Promise<void> | undefined;
  #stopped = false;
  #idle: (() => void)[] = [];

  constructor(options: OutboxSenderOptions) {
    const { onProblem, dropped, now = Date.now, lookEveryMs } = options;
    this.#options = options;
    this.#now = now;
    this.#servedAt = now();
    this.#reader = new OutboxReader({
      outbox: options.outbox,
      now,
      pauseMs: this.#pauseMs,
      onProblem,
      hasRoom: () => this.#hasRoom(),
      isKnown: (position) => this.#lines.isKnown(position),
      take: (announcements) => this.#take(announcements),
      rested: () => this.#pump(),
    });
    this.#report = new DropReport({
      what: "status events",
      ...(onProblem === undefined ? {} : { onProblem }),
      ...(dropped === undefined ? {} : { count: dropped }),
    });
    if (lookEveryMs === undefined) return;
    this.#looking = setInterval(() => this.#reader.readFrom(0), lookEveryMs);
    this.#looking.unref();
  }

  /** There may be something new. */
  wake(): void {
    this.#reader.wake();
  }

  /** Waits until nothing more can be sent now, so long at most. */
  async close(timeoutMs: number): Promise<void> {
    clearInterval(this.#looking);
    let timer: NodeJS.Timeout | undefined;
    const timeout = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, timeoutMs);
    });
    await Promise.race([this.#becomesIdle(), timeout]);
    clearTimeout(timer);
    this.#stopped = true;
    this.#reader.stop();
    clearTimeout(this.#pauseTimer);
    this.#lines.clear();
    // What was taken is not to come again after the next start.
    await Promise.race([
      this.#forgetting ?? Promise.resolve(),
      new Promise((resolve) => setTimeout(resolve, timeoutMs).unref()),
    ]);
  }

  #becomesIdle(): Promise<void> {
    return new Promise((resolve) => {
      this.#idle.push(resolve);
      this.#noteIdle();
    });
  }

  #noteIdle(): void {
    if (this.#idle.length === 0 || this.#calls > 0 || this.#forgetting) return;
    const isReady = this.#lines.hasReady("fresh") || this.#lines.hasReady("due") || this.#reader.isBusy;
    if (this.#pauseTimer === undefined && isReady) return;
    for (const resolve of this.#idle.splice(0)) resolve();
  }

  #hasRoom(): boolean {
    const { held, characters, size, positions } = this.#lines;
    const isHeld = held < READY_EVENTS_MAX && characters < READY_CHARACTERS_MAX;
    return isHeld && size < LINES_MAX && positions < POSITIONS_MAX;
  }

  async #take(announcements: readonly Announcement[]): Promise<void> {
    const events = announcements.flatMap(({ position, text }) => {
      const event = parseStatusEvent(text);
      if (event !== undefined) return [{ position, text, event }];
      this.#options.onProblem?.(new Error(`${text.slice(0, 100)} is no event`), "status events");
      this.#forgetSoon(position);
      return [];
    });
    if (events.length > 0) await this.#options.tellFirst?.(events.map(({ event }) => event));
    for (const { position, text, event } of events) this.#lines.add(position, event, text.length);
    this.#pump();
  }

  get #pauseMs(): number {
    return this.#options.pauseMs ?? PAUSE_MS;
  }

  get #isUnserved(): boolean {
    return this.#streak >= STREAK && this.#now() - this.#servedAt > UNSERVED_MS;
  }

  /** Calls the sink for as long as there is somebody to call for. */
  #pump(): void {
    if (this.#stopped || this.#pauseTimer !== undefined) return;
    const { callsAtOnce } = this.#options.sink;
    const isCareful = this.#awayFailures > 0 || this.#streak >= STREAK;
    while (this.#calls < (isCareful ? 1 : callsAtOnce)) {
      const kind = this.#nextKind();
      if (kind === undefined) break;
      this.#isDueNext = kind === "fresh";
      const lines = this.#lines.take(kind, isCareful ? 1 : this.#options.sink.batchMax);
      this.#calls += 1;
      if (kind === "due") this.#dueCalls += 1;
      void this.#send(lines).finally(() => {
        this.#calls -= 1;
        if (kind === "due") this.#dueCalls -= 1;
        if (this.#streak >= STREAK && !this.#pauseTimer) {
          this.#pause(this.#isUnserved ? UNSERVED_PAUSE_MS : STREAK_PAUSE_MS);
        }
        this.#pump();
        this.#noteIdle();
      });
    }
    this.#reader.goOn();
    this.#noteIdle();
  }

  #nextKind(): "fresh" | "due" | undefined {
    const mayBeDue = this.#dueCalls < Math.max(1, Math.floor(this.#options.sink.callsAtOnce / 2));
    const [isFresh, isDue] = [this.#lines.hasReady("fresh"), mayBeDue && this.#lines.hasReady("due")];
    if (isFresh && isDue) return this.#isDueNext ? "due" : "fresh";
    return isFresh ? "fresh" : isDue ? "due" : undefined;
  }

  #pause(delayMs: number): void {
    if (this.#stopped) return;
    this.#pauseTimer = setTimeout(() => {
      this.#pauseTimer = undefined;
      this.#pump();
    }, delayMs);
  }

  async #send(lines: readonly Line[]): Promise<void> {
    const { sink } = this.#options;
    let sent: { readonly line: Line; readonly waiting: WaitingEvent }[] = [];
    try {
      sent = await this.#batchOf(lines);
      if (sent.length === 0) return this.#goOn(lines);
      const outcomes = await sink.send(sent.map(({ waiting }) => waiting.event as StatusEvent));
      this.#awayFailures = 0;
      const byLine = Map.groupBy(
        sent.map(({ line }, index) => ({ line, outcome: outcomes[index] as DeliveryOutcome })),
        ({ line }) => line,
      );
      await Promise.all(
        [...byLine].map(([line, told]) =>
          this.#settle(
            line,
            told.map(({ outcome }) => outcome),
          ),
        ),
      );
      this.#goOn(lines.filter((line) => !byLine.has(line)));
    } catch (error) {
      await this.#isAway(lines, error);
    }
  }

  #goOn(lines: readonly Line[]): void {
    for (const line of lines) this.#lines.ready(line);
  }

  /** What goes in this call, with its texts; those that have gone from the outbox, or belong to another process, go here too. */
  async #batchOf(lines: readonly Line[]): Promise<{ line: Line; waiting: WaitingEvent }[]> {
    const { sink, owns, outbox } = this.#options;
    const own = lines.filter(({ executionArn }) => owns?.(executionArn) ?? true);
    for (const line of lines) if (!own.includes(line)) this.#lines.remove(line, () => true);
    const each = sink.isWhole ? Math.max(1, Math.floor(sink.batchMax / Math.max(1, own.length))) : 1;
    const batch = own.flatMap((line) => line.waiting.slice(0, each).map((waiting) => ({ line, waiting })));
    const missing = batch.filter(({ waiting }) => waiting.event === undefined);
    if (missing.length === 0) return batch;
    const found = new Map(
      (await outbox.announcementsAt(missing.map(({ waiting }) => waiting.position))).map((one: Announcement) => [
        one.position,
        one.text,
      ]),
    );
    for (const { line, waiting } of missing) {
      const text = found.get(waiting.position);
      if (text === undefined) this.#lines.remove(line, (other) => other === waiting);
      else this.#lines.fill(waiting, JSON.parse(text) as StatusEvent);
    }
    return batch.filter(({ waiting }) => waiting.event !== undefined);
  }

  /** Outcomes of the first events of a line. */
  async #settle(line: Line, outcomes: readonly DeliveryOutcome[]): Promise<void> {
    for (const outcome of outcomes) {
      const [first] = line.waiting;
      if (first === undefined) break;
      if (outcome.kind === "again") {
        this.#options.refused?.(1);
        const exhausted = this.#countAttempt(line, first);
        if (exhausted === undefined) return this.#rest(line, first, outcome.afterMs);
        if (!(await this.#giveUp(line, first, outcome, exhausted))) return;
        continue;
      }
      this.#streak = 0;
      this.#servedAt = this.#now();
      if (outcome.kind === "taken") {
        this.#options.delivered?.(1);
        this.#settledOne(line, first);
      } else {
        this.#options.refused?.(1);
        if (!(await this.#giveUp(line, first, outcome, undefined))) return;
      }
    }
    this.#lines.ready(line);
  }

  /** Why it is given up, if it is. */
  #countAttempt(line: Line, first: WaitingEvent): DeadLetter["exhausted"] {
    const { maximumRetryAttempts = RETRIES_MAX } = this.#options;
    this.#streak += 1;
    line.attempts += 1;
    if (this.#now() >= first.at + this.#ageMaxMs) return "MaximumEventAgeInSeconds";
    return line.attempts > maximumRetryAttempts ? "MaximumRetryAttempts" : undefined;
  }

  get #ageMaxMs(): number {
    return (this.#options.maximumEventAgeInSeconds ?? AGE_MAX_SECONDS) * 1_000;
  }

  #rest(line: Line, first: WaitingEvent, afterMs = 0): void {
    const grown = Math.min(this.#pauseMs * 2 ** Math.min(Math.max(0, line.attempts - 1), 30), PAUSE_MAX_MS);
    const jittered = grown * (0.8 + 0.4 * Math.random());
    // It is looked at when it gets too old at the latest.
    const left = Math.max(this.#pauseMs, first.at + this.#ageMaxMs - this.#now());
    this.#restFor(line, Math.min(Math.max(jittered, afterMs), left));
  }

  #restFor(line: Line, delayMs: number): void {
    this.#lines.rest(line);
    if (this.#stopped) return;
    line.timer = setTimeout(() => {
      this.#lines.rested(line);
      this.#pump();
    }, delayMs);
    line.timer.unref();
  }

  /** False when it could not be written down: then it stays. */
  async #giveUp(
    line: Line,
    first: WaitingEvent,
    { code, reason }: Pick<Exclude<DeliveryOutcome, { kind: "taken" }>, "code" | "reason">,
    exhausted: DeadLetter["exhausted"],
  ): Promise<boolean> {
    const { deadLetters, onProblem } = this.#options;
    const { event } = first;
    try {
      if (event !== undefined) {
        const errorMessage = reason instanceof Error ? reason.message : String(reason);
        const retryAttempts = Math.max(0, line.attempts - 1);
        const letter = { event, errorCode: code, errorMessage, retryAttempts };
        await deadLetters?.([exhausted === undefined ? letter : { ...letter, exhausted }]);
      }
    } catch (error) {
      onProblem?.(error, "dead letters");
      this.#restFor(line, AWAY_PAUSE_MAX_MS);
      return false;
    }
    this.#report.dropped(1, reason);
    this.#settledOne(line, first);
    return true;
  }

  #settledOne(line: Line, first: WaitingEvent): void {
    line.attempts = 0;
    this.#lines.shift(line, 1);
    this.#forgetSoon(first.position);
  }

  #forgetSoon(position: number): void {
    this.#toForget.push(position);
    this.#forgetting ??= this.#forget().finally(() => {
      this.#forgetting = undefined;
      this.#noteIdle();
    });
  }

  /** Many at once: each is a transaction of its own. */
  async #forget(): Promise<void> {
    await new Promise<void>((resolve) => void setImmediate(resolve));
    for (let failures = 0; this.#toForget.length > 0; ) {
      const batch = this.#toForget.slice(0, FORGOTTEN_TOGETHER_MAX);
      try {
        await this.#options.outbox.forgetAnnouncements(batch);
        this.#toForget.splice(0, batch.length);
        this.#lines.takenOff(batch);
        failures = 0;
      } catch (error) {
        if (this.#stopped) return;
        failures += 1;
        if (failures === 1) this.#options.onProblem?.(error, "status events");
        const delayMs = Math.min(this.#pauseMs * 2 ** (failures - 1), AWAY_PAUSE_MAX_MS);
        await new Promise<void>((resolve) => setTimeout(resolve, delayMs).unref());
      }
    }
  }

  /** Nobody is there, sink or store: what was to be sent is next when somebody is. */
  async #isAway(lines: readonly Line[], error: unknown): Promise<void> {
    for (const line of lines.toReversed()) if (line.state === "sending") this.#lines.ready(line, true);
    this.#awayFailures += 1;
    await this.#giveUpOld(error);
    if (this.#pauseTimer !== undefined) return;
    const grown = this.#pauseMs * 2 ** Math.min(this.#awayFailures - 1, 30);
    this.#pause(Math.min(grown, AWAY_PAUSE_MAX_MS));
  }

  async #giveUpOld(reason: unknown): Promise<void> {
    const oldest = this.#now() - this.#ageMaxMs;
    for (const line of this.#lines.takeOld(oldest, PAGE)) {
      try {
        await this.#batchOf([line]);
        let isKept = false;
        for (let [first] = line.waiting; first !== undefined && first.at <= oldest; [first] = line.waiting) {
          if (first.event === undefined) break;
          isKept = !(await this.#giveUp(line, first, { code: "NO_ANSWER", reason }, "MaximumEventAgeInSeconds"));
          if (isKept) break;
        }
        if (!isKept) this.#lines.ready(line);
      } catch {
        // The store is away as well: they are found again at the next attempt.
        this.#lines.ready(line);
      }
    }
  }
}
