/** Routers as people write them: `192.0.2.1`, `192.0.2.1:25790`, `router.example`, `router.example:25790`. */
import { lookup } from 'node:dns/promises';
import type { Ipv4End } from '../address/ipv4.ts';
import { ROUTER_PORT } from '../address/sixbed4.ts';
import { errorOf } from './errors.ts';
import { ipv4Of } from './texts.ts';

const ENVIRONMENT = 'SOCKET6BED4_ROUTERS';

export interface Router {
  readonly host: string;
  readonly port: number;
}

/** Throws an error that says what to set where there is none, or which entry is wrong. */
export function readRouters(list: readonly string[]): Router[] {
  const routers = list.map((text) => {
    const [, host = '', port = ROUTER_PORT] = /^([\w.-]+)(?::(\d+))?$/.exec(text) ?? [];
    return { host, port: Number(port) };
  });
  const wrong = routers.findIndex(({ host, port }) => !host || port < 1 || port > 65535);
  if (list.length > 0 && wrong < 0) return routers;
  const what = wrong < 0 ? 'No 6bed4 router is known' : `'${list[wrong]}' is no 6bed4 router`;
  throw errorOf(
    'ERR_6BED4_ROUTERS',
    `${what}: set the environment variable ${ENVIRONMENT}, or the option routers: ['192.0.2.1:25790']`,
  );
}

/** The list in the environment, separated by commas or spaces. */
export function routersOfEnvironment(): string[] {
  return (process.env[ENVIRONMENT] ?? '').split(/[\s,]+/).filter(Boolean);
}

/** All addresses of each router; a name of which DNS knows none is left out. */
export async function findRouters(routers: readonly Router[]): Promise<Ipv4End[]> {
  const found = routers.map(async ({ host, port }) => {
    const answers = await lookup(host, { family: 4, all: true }).catch(() => []);
    return answers.map(({ address }) => ({ ipv4: ipv4Of(address), port }));
  });
  return (await Promise.all(found)).flat();
}
