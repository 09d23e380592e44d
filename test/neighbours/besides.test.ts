/** Other services on the links of the neighbours: looked for by the same voice, and no neighbours. */
import test from 'ava';
import { EMPTY, writeMessages } from '#mdns/message.ts';
import type { DnsRecord } from '#mdns/record.ts';
import { textsOf } from '#mdns/text.ts';
import { Neighbourhood, type NeighbourhoodEffect } from '#neighbours/neighbourhood.ts';
import { Clock } from '../support/clock.ts';
import { networkOf } from './lan.ts';

const SERVICE = '_dualtone-conf._tcp.local';
const INSTANCE = `PBX.${SERVICE}`;

function records(ttl: number, path = '/h/'): readonly DnsRecord[] {
  const of = (name: string, data: DnsRecord['data']) => ({ name, ttl, flush: name !== SERVICE, data });
  return [
    of(SERVICE, { type: 'PTR', target: INSTANCE }),
    of(INSTANCE, { type: 'SRV', priority: 0, weight: 0, port: 443, target: 'pbx.local' }),
    of(INSTANCE, { type: 'TXT', texts: textsOf({ path, https: '' }) }),
    of('pbx.local', { type: 'A', address: '10.0.0.9' }),
  ];
}

function stand() {
  const clock = new Clock();
  const effects: NeighbourhoodEffect[] = [];
  const machine = new Neighbourhood({
    self: { name: 'Kitchen', instanceId: '1', host: 'dualtone-1', extension: '204', port: 5060 },
    ...{ fallback: '300', barred: [], besides: [SERVICE], random: () => 0 },
  });
  const give = clock.drive<Parameters<Neighbourhood['handle']>[0], NeighbourhoodEffect>(machine, (effect) =>
    effects.push(effect),
  );
  give({ kind: 'network', network: networkOf('10.0.0.1') });
  const hear = (answers: readonly DnsRecord[]) => {
    for (const octets of writeMessages({ ...EMPTY, response: true, answers }))
      give({
        ...{ kind: 'received', link: 'eth0', octets, own: false },
        from: { family: 4, address: '10.0.0.9', port: 5353 },
      });
  };
  const told = () =>
    effects.flatMap((effect) =>
      effect.kind === 'services'
        ? [effect.services.map(({ link, instance, text }) => `${link} ${instance} ${text.get('path')}`)]
        : [],
    );
  return { clock, machine, effects, hear, told };
}

test('they are asked for, and told of when they come, change and go', (t) => {
  const { clock, machine, effects, hear, told } = stand();
  clock.run(1_000);
  const sent = effects.flatMap((effect) =>
    effect.kind === 'send' ? [effect.octets.toString('latin1')] : [],
  );
  t.true(sent.some((octets) => octets.includes('_dualtone-conf')));
  hear(records(120));
  t.deepEqual(told(), [['eth0 PBX /h/']]);
  t.deepEqual(machine.neighbours, []);
  clock.run(10_000);
  hear(records(120));
  t.is(told().length, 1, 'that they will be there for longer is no news');
  clock.run(10_000);
  hear(records(120, '/other/'));
  clock.run(2_000);
  t.deepEqual(told().at(-1), ['eth0 PBX /other/']);
  hear(records(0, '/other/'));
  clock.run(2_000);
  t.deepEqual(told().at(-1), []);
});

test('they go with the link', (t) => {
  const { clock, machine, hear } = stand();
  hear(records(120));
  const effects = machine.handle({ kind: 'network', network: networkOf() }, clock.now);
  t.deepEqual(
    effects.filter(({ kind }) => kind === 'services'),
    [{ kind: 'services', services: [] }],
  );
});
