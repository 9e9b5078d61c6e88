/** Numbers for Prometheus, in its text format 0.0.4. https://prometheus.io/docs/instrumenting/exposition_formats/ */

/** Values of the labels, in the order the metric declared them. */
type LabelValues = readonly string[];

export interface Sample {
  readonly labels?: LabelValues;
  readonly value: number;
}

/** Counts. One of a metric's series that is counted often is asked for once: `of` is what costs. */
export interface Counter {
  (values?: LabelValues, by?: number): void;
  /** One series, by the values of its labels; shown when it has counted. */
  of(values: LabelValues): (by?: number) => void;
}

/** Takes what was observed. */
export interface Histogram {
  (values: LabelValues, observed: number): void;
  of(values: LabelValues): (observed: number) => void;
}

interface Metric {
  lines(): string[] | Promise<string[]>;
}

interface ReadMetric {
  readonly name: string;
  readonly help: string;
  readonly labels: readonly string[];
  read(): Sample[] | Promise<Sample[]>;
}

/** Most series one metric keeps: a label whose values come from outside cannot grow without bound. */
const SERIES_MAX = 2_000;

/** The metrics of one process. Names are unique; use them once, at start. */
export class Metrics {
  readonly #metrics = new Map<string, Metric>();

  /** Only grows. `name` ends in `_total`. */
  counter(name: string, help: string, labels: readonly string[] = []): Counter {
    const series = new Series((values) => new Count(values));
    this.#add(name, {
      lines: () => [
        ...head(name, help, "counter"),
        ...series.all().map(({ values, count }) => `${name}${labelText(labels, values)} ${count}`),
      ],
    });
    return Object.assign((values: LabelValues = [], by = 1): void => series.get(values)?.add(by), {
      of: (values: LabelValues) => {
        let one: Count | undefined;
        return (by = 1): void => {
          one ??= series.get(values);
          one?.add(by);
        };
      },
    });
  }

  /** Asked for when the metrics are read. */
  gauge(name: string, help: string, labels: readonly string[], read: () => Sample[] | Promise<Sample[]>): void {
    this.#addRead("gauge", { name, help, labels, read });
  }

  /** Only grows, and is counted elsewhere. `name` ends in `_total`. Asked for when the metrics are read. */
  total(name: string, help: string, labels: readonly string[], read: () => Sample[]): void {
    this.#addRead("counter", { name, help, labels, read });
  }

  #addRead(type: "counter" | "gauge", { name, help, labels, read }: ReadMetric): void {
    this.#add(name, {
      lines: async () => {
        const samples = await read();
        const lines = samples.map((sample) => `${name}${labelText(labels, sample.labels ?? [])} ${sample.value}`);
        return [...head(name, help, type), ...lines];
      },
    });
  }

  /** `bounds` are upper bounds, ascending, in the unit that the name ends with. */
  histogram(name: string, help: string, labels: readonly string[], bounds: readonly number[]): Histogram {
    const series = new Series((values) => new Distribution(values, bounds));
    this.#add(name, {
      lines: () => {
        const lines = series.all().flatMap((distribution) => distribution.lines(name, labels));
        return [...head(name, help, "histogram"), ...lines];
      },
    });
    return Object.assign((values: LabelValues, observed: number): void => series.get(values)?.add(observed), {
      of: (values: LabelValues) => {
        let one: Distribution | undefined;
        return (observed: number): void => {
          one ??= series.get(values);
          one?.add(observed);
        };
      },
    });
  }

  async text(): Promise<string> {
    const parts = await Promise.all([...this.#metrics.values()].map((metric) => metric.lines()));
    return `${parts.flat().join("\n")}\n`;
  }

  #add(name: string, metric: Metric): void {
    if (this.#metrics.has(name)) throw new Error(`metric ${name}: its name must be unique`);
    this.#metrics.set(name, metric);
  }
}

/** What one metric counts, by the values of its labels. */
class Series<One> {
  readonly #make: (values: LabelValues) => One;
  readonly #series = new Map<string, One>();

  constructor(make: (values: LabelValues) => One) {
    this.#make = make;
  }

  /** `undefined` when there are too many. */
  get(values: LabelValues): One | undefined {
    const key = keyOf(values);
    let one = this.#series.get(key);
    if (one === undefined && this.#series.size < SERIES_MAX) {
      one = this.#make(values);
      this.#series.set(key, one);
    }
    return one;
  }

  all(): One[] {
    return [...this.#series.values()];
  }
}

class Count {
  readonly values: LabelValues;
  count = 0;

  constructor(values: LabelValues) {
    this.values = values;
  }

  add(by: number): void {
    this.count += by;
  }
}

class Distribution {
  readonly #values: LabelValues;
  readonly #bounds: readonly number[];
  /** How many were at most a bound, and above the one before it. */
  readonly #counts: number[];
  #sum = 0;
  #count = 0;

  constructor(values: LabelValues, bounds: readonly number[]) {
    this.#values = values;
    this.#bounds = bounds;
    this.#counts = bounds.map(() => 0);
  }

  add(observed: number): void {
    this.#sum += observed;
    this.#count += 1;
    const bounds = this.#bounds;
    let index = 0;
    while (index < bounds.length && observed > (bounds[index] as number)) index++;
    if (index < bounds.length) this.#counts[index] = (this.#counts[index] as number) + 1;
  }

  lines(name: string, labels: readonly string[]): string[] {
    const bucket = (bound: string, count: number) =>
      `${name}_bucket${labelText([...labels, "le"], [...this.#values, bound])} ${count}`;
    const own = labelText(labels, this.#values);
    let below = 0;
    return [
      ...this.#bounds.map((bound, index) => {
        below += this.#counts[index] as number;
        return bucket(String(bound), below);
      }),
      bucket("+Inf", this.#count),
      `${name}_sum${own} ${this.#sum}`,
      `${name}_count${own} ${this.#count}`,
    ];
  }
}

function head(name: string, help: string, type: string): string[] {
  return [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`];
}

/** Cheap, since it is made with every count: labels are written only when the metrics are read. */
function keyOf(values: LabelValues): string {
  return values.length === 1 ? (values[0] ?? "") : values.join("\n");
}

function labelText(names: readonly string[], values: LabelValues): string {
  if (names.length === 0) return "";
  const pairs = names.map((name, index) => `${name}="${escapeLabel(values[index] ?? "")}"`);
  return `{${pairs.join(",")}}`;
}

function escapeLabel(value: string): string {
  return value.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
}
