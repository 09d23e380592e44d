/** Counters, and gauges beside them, in the text format of Prometheus. */
import { FAMILIES, type Labels, type MetricName, type Sample } from './metric_families.ts';

/** More combinations of labels than this mean that a peer chooses them. */
const MOST_SERIES = 256;

export class Metrics {
  /** By name, then by labels as they are written. */
  readonly #counters = new Map<MetricName, Map<string, number>>();
  readonly #dropped = new Map<string, number>();
  #series = 0;

  /** `by`: 0 makes a counter known that has nothing to tell yet. */
  count(name: MetricName, labels: Labels = {}, by = 1): void {
    const family = this.#counters.get(name) ?? new Map<string, number>();
    const written = textOf(labels);
    const value = family.get(written);
    if (value === undefined && ++this.#series > MOST_SERIES) return;
    this.#counters.set(name, family);
    family.set(written, (value ?? 0) + by);
  }

  /** Counts something that was ignored; `why` is a short stable word. */
  drop(why: string): void {
    if (this.#dropped.size < MOST_SERIES || this.#dropped.has(why)) {
      this.#dropped.set(why, (this.#dropped.get(why) ?? 0) + 1);
    }
    this.count('dualtone_dropped_total', { why });
  }

  get dropped(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#dropped);
  }

  /** The exposition, with the other values as they are now. */
  text(samples: readonly Sample[]): string {
    const lines = Object.entries(FAMILIES).flatMap(([name, { help, type }]) => {
      const values = [
        ...[...(this.#counters.get(name as MetricName) ?? [])].map(([labels, value]) =>
          lineOf(name, labels, value),
        ),
        ...samples
          .filter((sample) => sample.name === name)
          .map(({ labels = {}, value }) => lineOf(name, textOf(labels), value)),
      ];
      return values.length === 0 ? [] : [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`, ...values];
    });
    return `${lines.join('\n')}\n`;
  }
}

function lineOf(name: string, labels: string, value: number): string {
  return `${name}${labels} ${value}`;
}

function textOf(labels: Labels): string {
  const pairs = Object.entries(labels).map(([key, value]) => `${key}="${escaped(value)}"`);
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
}

function escaped(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}
