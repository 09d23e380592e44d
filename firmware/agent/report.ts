/** What there is to tell of an agent: its status for people, and its metrics. */
import type { Phone } from '#phone/phone.ts';
import type { Status } from '#phone/types.ts';
import type { UserAgent } from '#sip/user_agent.ts';
import { samplesOf } from './gauges.ts';
import type { Metrics } from './metrics.ts';
import type { Neighbours } from './neighbours.ts';
import type { AgentOptions } from './ports.ts';
import type { Sixbed4 } from './sixbed4.ts';
import type { SoundParts } from './sound_parts.ts';
import { statusOf } from './status.ts';

export interface ReportParts {
  readonly options: Pick<AgentOptions, 'version' | 'hardware' | 'fleet'>;
  readonly phone: Phone;
  readonly userAgent: UserAgent;
  readonly neighbours: Neighbours;
  readonly sixbed4: Sixbed4;
  readonly sound: SoundParts;
  readonly metrics: Metrics;
  /** How many of TCP and TLS there are. */
  readonly connections: () => number;
}

export class Report {
  readonly #parts: ReportParts;

  constructor(parts: ReportParts) {
    this.#parts = parts;
  }

  status(): Status {
    const { options, phone, userAgent, neighbours, sixbed4, sound, metrics } = this.#parts;
    return statusOf({
      version: options.version,
      extension: neighbours.extension,
      phone,
      addresses: sixbed4.own,
      sixbed4: sixbed4.status,
      preference: userAgent.weights(performance.now()),
      neighbours: neighbours.status,
      hardware: [...options.hardware.parts(), ...sound.parts],
      dropped: metrics.dropped,
      fleet: options.fleet?.(),
    });
  }

  /** In the exposition format of Prometheus. */
  metrics(): string {
    const { metrics, connections } = this.#parts;
    const gauges = { connections: connections(), memory: process.memoryUsage.rss() };
    return metrics.text(samplesOf(this.status(), gauges));
  }
}
