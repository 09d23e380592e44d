/** Counters and gauges in the text format of Prometheus. */

interface Family {
  readonly help: string;
  readonly type: 'counter' | 'gauge';
}

/** Every metric that this agent has. */
const FAMILIES = {
  dualtone_sip_messages_total: { help: 'SIP messages by direction and transport', type: 'counter' },
  dualtone_dropped_total: { help: 'Messages and connections that were ignored, by reason', type: 'counter' },
  dualtone_calls_total: { help: 'Calls begun, by direction', type: 'counter' },
  dualtone_faults_total: { help: 'Inputs that a part of the agent could not handle', type: 'counter' },
  dualtone_transport_errors_total: { help: 'Messages that could not be sent', type: 'counter' },
  dualtone_calls: { help: 'Calls under way', type: 'gauge' },
  dualtone_accounts_registered: { help: 'Accounts that are registered', type: 'gauge' },
  dualtone_tcp_connections: { help: 'Open TCP connections', type: 'gauge' },
  dualtone_sixbed4_up: { help: 'Whether the 6bed4 tunnel is up', type: 'gauge' },
  dualtone_sixbed4_direct_packets_total: {
    help: 'Packets through the tunnel to neighbours',
    type: 'counter',
  },
  dualtone_sixbed4_relayed_packets_total: { help: 'Packets through the tunnel to routers', type: 'counter' },
  dualtone_uptime_seconds: { help: 'Seconds since start', type: 'gauge' },
  dualtone_resident_memory_bytes: { help: 'Resident set size', type: 'gauge' },
} as const satisfies Record<string, Family>;

export type MetricName = keyof typeof FAMILIES;
type Labels = Readonly<Record<string, string>>;

/** More combinations of labels than this mean that a peer chooses them. */
const MOST_SERIES = 256;

export class Metrics {
  readonly #series = new Map<string, number>();
  readonly #dropped = new Map<string, number>();

  count(name: MetricName, labels: Labels = {}): void {
    const key = seriesOf(name, labels);
    const value = this.#series.get(key) ?? 0;
    if (value === 0 && this.#series.size >= MOST_SERIES) return;
    this.#series.set(key, value + 1);
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

  /** The exposition, with the gauges as they are now. */
  text(gauges: Partial<Record<MetricName, number>>): string {
    const lines = Object.entries(FAMILIES).flatMap(([name, { help, type }]) => {
      const gauge = gauges[name as MetricName];
      const values = gauge === undefined ? this.#seriesOf(name) : [`${name} ${gauge}`];
      return values.length === 0 ? [] : [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`, ...values];
    });
    return `${lines.join('\n')}\n`;
  }

  #seriesOf(name: string): string[] {
    return [...this.#series]
      .filter(([key]) => key === name || key.startsWith(`${name}{`))
      .map(([key, value]) => `${key} ${value}`);
  }
}

function seriesOf(name: MetricName, labels: Labels): string {
  const pairs = Object.entries(labels).map(([key, value]) => `${key}="${escaped(value)}"`);
  return pairs.length === 0 ? name : `${name}{${pairs.join(',')}}`;
}

function escaped(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}
