/** Numbers for Prometheus, in its text format 0.0.4. https://prometheus.io/docs/instrumenting/exposition_formats/ */

/** Values of the labels, in the order the metric declared them. */
type LabelValues = readonly string[];

export interface Sample {
  readonly labels?: LabelValues;
  readonly value: number;
}

interface Metric {
  lines(): string[] | Promise<string[]>;
}

/** Most series one metric keeps: a label whose values come from outside cannot grow without bound. */
const SERIES_MAX = 2_000;

/** The metrics of one process. Names are unique; use them once, at start. */
export class Metrics {
  readonly #metrics = new Map<string, Metric>();

  /** Only grows. `name` ends in `_total`. */
  counter(name: string, help: string, labels: readonly string[] = []): (values?: LabelValues, by?: number) => void {
    const series = new Map<string, { readonly values: LabelValues; count: number }>();
    this.#add(name, {
      lines: () => [
        ...head(name, help, "counter"),
        ...[...series.values()].map(({ values, count }) => `${name}${labelText(labels, values)} ${count}`),
      ],
    });
    return (values = [], by = 1) => {
      const key = keyOf(values);
      const one = series.get(key);
      if (one !== undefined) one.count += by;
      else if (series.size < SERIES_MAX) series.set(key, { values, count: by });
    };
  }

  /** Asked for when the metrics are read. */
  gauge(name: string, help: string, labels: readonly string[], read: () => Sample[] | Promise<Sample[]>): void {
    this.#add(name, {
      lines: async () => {
        const samples = await read();
        const lines = samples.map((sample) => `${name}${labelText(labels, sample.labels ?? [])} ${sample.value}`);
        return [...head(name, help, "gauge"), ...lines];
      },
    });
  }

  /** `bounds` are upper bounds, ascending, in the unit that the name ends with. */
  histogram(
    name: string,
    help: string,
    labels: readonly string[],
    bounds: readonly number[],
  ): (values: LabelValues, observed: number) => void {
    const series = new Map<string, Distribution>();
    this.#add(name, {
      lines: () => {
        const lines = [...series.values()].flatMap((distribution) => distribution.lines(name, labels));
        return [...head(name, help, "histogram"), ...lines];
      },
    });
    return (values, observed) => {
      const key = keyOf(values);
      let distribution = series.get(key);
      if (distribution === undefined) {
        if (series.size >= SERIES_MAX) return;
        distribution = new Distribution(values, bounds);
        series.set(key, distribution);
      }
      distribution.add(observed);
    };
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

class Distribution {
  readonly #values: LabelValues;
  readonly #bounds: readonly number[];
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
    for (const [index, bound] of this.#bounds.entries()) {
      if (observed <= bound) this.#counts[index] = (this.#counts[index] ?? 0) + 1;
    }
  }

  lines(name: string, labels: readonly string[]): string[] {
    const bucket = (bound: string, count: number) =>
      `${name}_bucket${labelText([...labels, "le"], [...this.#values, bound])} ${count}`;
    const own = labelText(labels, this.#values);
    return [
      ...this.#bounds.map((bound, index) => bucket(String(bound), this.#counts[index] ?? 0)),
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
