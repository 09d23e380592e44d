/** Engines and their calls over loopback. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ExecutionContext } from 'ava';
import { type Engine, startEngine } from '#engine/client.ts';
import type { EngineEvent, SessionParameters } from '#media/types.ts';

export const PORTS = [20_000, 23_999] as const;
/** For what a busy machine does some time. */
export const PATIENCE_MS = 20_000;
export const PCMA = { name: 'PCMA', payloadType: 8, rate: 8000 };

/** An engine in its own thread and what it said; it is stopped when the test ends. */
export interface Stand {
  readonly engine: Engine;
  readonly events: EngineEvent[];
  /** The first event (also of the past) that `wanted` accepts. */
  until<K extends EngineEvent['kind']>(
    kind: K,
    wanted?: (event: Extract<EngineEvent, { kind: K }>) => boolean,
  ): Promise<Extract<EngineEvent, { kind: K }>>;
}

export function stand(t: ExecutionContext, input: string, output: string): Stand {
  const engine = startEngine({ devices: { input, output } });
  const events: EngineEvent[] = [];
  const waiting = new Set<() => void>();
  engine.onEvent((event) => {
    events.push(event);
    for (const look of [...waiting]) look();
  });
  t.teardown(() => engine.stop());
  return {
    engine,
    events,
    until: (kind, wanted = () => true) =>
      new Promise((resolve) => {
        const look = (): void => {
          for (const event of events) {
            if (!isKind(event, kind) || !wanted(event)) continue;
            waiting.delete(look);
            resolve(event);
            return;
          }
        };
        waiting.add(look);
        look();
      }),
  };
}

function isKind<K extends EngineEvent['kind']>(
  event: EngineEvent,
  kind: K,
): event is Extract<EngineEvent, { kind: K }> {
  return event.kind === kind;
}

/** A session towards `port` on loopback, as an answer would set it. */
export function towards(
  port: number,
  change: Partial<SessionParameters> & { family?: 4 | 6 } = {},
): SessionParameters {
  const { family = 4, ...rest } = change;
  return {
    remote: { family, address: family === 4 ? '127.0.0.1' : '::1', port },
    codec: PCMA,
    receive: [PCMA],
    eventPayloadType: 101,
    direction: 'sendrecv',
    packetTime: 20,
    ...rest,
  };
}

/** Lifts both handsets and joins them by a session `call`. */
export async function joined(a: Stand, b: Stand, change: Parameters<typeof towards>[1] = {}): Promise<void> {
  for (const { engine } of [a, b]) {
    engine.command({ kind: 'handset', inUse: true });
    engine.command({ kind: 'open', session: 'call', rtpPorts: PORTS });
  }
  const [atA, atB] = await Promise.all([a.until('opened'), b.until('opened')]);
  a.engine.command({ kind: 'configure', session: 'call', parameters: towards(atB.port, change) });
  b.engine.command({ kind: 'configure', session: 'call', parameters: towards(atA.port, change) });
  for (const { engine } of [a, b]) engine.command({ kind: 'connect', to: { session: 'call' } });
}

/** A folder that goes when the test ends. */
export function scratch(t: ExecutionContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'dualtone-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
