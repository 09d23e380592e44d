import test from 'ava';
import { type Asked, prefixText, SettingError, settingsOf } from '#router6bed4/settings.ts';
import { endText, ipv4Text } from '#socket6bed4/address/ipv4.ts';

const HOST = ['127.0.0.1', '10.0.0.5', '192.0.2.7'];
const read = (asked: Asked, host: readonly string[] = HOST) => {
  const { listen, self, prefix, tun, stats, hints, onLink } = settingsOf(asked, host);
  return {
    ...{ listen: endText(listen), self: endText(self), prefix: prefixText(prefix), tun, stats, hints },
    onLink: onLink.map(({ ipv4, length }) => `${ipv4Text(ipv4)}/${length}`),
  };
};

test('without a word it listens at the only public address, which makes the prefix', (t) => {
  t.deepEqual(read({}), {
    ...{ listen: '192.0.2.7:25790', self: '192.0.2.7:25790', prefix: 'fc64:bed:c000:207::/64' },
    ...{ tun: undefined, stats: undefined, hints: [], onLink: [] },
  });
  t.deepEqual(read({ listen: '0.0.0.0' }), read({}));
});

test('where the host has no public address, or several, it wants to be told one', (t) => {
  const several = { message: /several public.*192\.0\.2\.7, 198\.51\.100\.1.*--listen IPV4/ };
  t.throws(() => read({}, [...HOST, '198.51.100.1']), { instanceOf: SettingError, ...several });
  t.throws(() => read({ listen: '0.0.0.0' }, ['127.0.0.1']), { message: /no public.*--listen IPV4/ });
  t.is(read({ listen: '198.51.100.1' }, [...HOST, '198.51.100.1']).listen, '198.51.100.1:25790');
});

test('address, network, prefix, interface and seconds are taken as given', (t) => {
  t.is(read({ listen: '198.51.100.1', netid: '1234' }).prefix, 'fc64:1234:c633:6401::/64');
  t.is(read({ listen: '198.51.100.1', netid: '0xBED' }).prefix, 'fc64:bed:c633:6401::/64');
  t.like(read({ listen: '198.51.100.1', prefix: '2001:db8:6:bed4::/64', tun: '6bed4', stats: '60' }), {
    ...{ listen: '198.51.100.1:25790', prefix: '2001:db8:6:bed4::/64', tun: '6bed4', stats: 60_000 },
  });
  t.deepEqual(read({ onLink: ['10.0.0.0/8', '192.168.7.9/24'] }).onLink, ['10.0.0.0/8', '192.168.7.0/24']);
});

test('behind a NAT of one address to one the prefix says what the world sees', (t) => {
  t.like(read({ listen: '10.0.0.5', prefix: 'fc64:bed:c633:6401::/64' }), {
    ...{ listen: '10.0.0.5:25790', self: '198.51.100.1:25790' },
  });
});

test('a private or loopback address comes with a hint what to type, unless its network is named', (t) => {
  t.regex(read({ listen: '127.0.0.1' }).hints.join(), /add --on-link 127\.0\.0\.0\/8/);
  t.regex(read({ listen: '10.0.0.5' }).hints.join(), /--on-link 10\.0\.0\.0\/8.*--prefix fc64:bed:/);
  t.regex(read({ listen: '172.20.0.5' }).hints.join(), /--on-link 172\.16\.0\.0\/12/);
  t.deepEqual(read({ listen: '127.0.0.1', onLink: ['127.0.0.0/8'] }).hints, []);
});

test('another port than that of routers comes with a hint', (t) => {
  t.regex(read({ listen: '192.0.2.7:5000' }).hints.join(), /port 25790: from port 5000 only/);
  t.deepEqual(read({ listen: '192.0.2.7:5000', prefix: '2001:db8::/64' }).hints, []);
});

const WRONG: readonly (readonly [Asked, RegExp])[] = [
  [{ listen: 'example.test' }, /--listen wants IPV4/],
  [{ listen: '192.0.2.1:0' }, /--listen wants/],
  [{ listen: '192.0.2.1:65536' }, /--listen wants/],
  [{ netid: '12345' }, /--netid wants/],
  [{ netid: 'xyz' }, /--netid wants/],
  [{ netid: 'bed', prefix: '2001:db8::/64' }, /--netid is a part/],
  [{ prefix: '2001:db8::' }, /--prefix wants/],
  [{ prefix: '2001:db8::/48' }, /--prefix wants/],
  [{ prefix: '2001:db8::1/64' }, /--prefix wants/],
  [{ prefix: 'fe80::/64' }, /holds no addresses/],
  [{ prefix: 'ff02::/64' }, /holds no addresses/],
  [{ prefix: '::/64' }, /holds no addresses/],
  [{ tun: '6bed4' }, /--tun wants --prefix/],
  [{ tun: '6bed4', prefix: 'fc64:bed:c000:207::/64' }, /not routed on the native Internet/],
  [{ tun: 'a/b', prefix: '2001:db8::/64' }, /--tun wants the name/],
  [{ tun: '..', prefix: '2001:db8::/64' }, /--tun wants the name/],
  [{ tun: 'abcdefghijklmnop', prefix: '2001:db8::/64' }, /--tun wants the name/],
  [{ tun: 'tun%d', prefix: '2001:db8::/64' }, /--tun wants the name/],
  [{ onLink: ['10.0.0.0/33'] }, /--on-link wants/],
  [{ stats: '0' }, /--stats wants/],
  [{ stats: '1.5' }, /--stats wants/],
];

for (const [asked, message] of WRONG) {
  test(`${JSON.stringify(asked)} is refused with what to type`, (t) => {
    t.throws(() => read(asked), { instanceOf: SettingError, message });
  });
}
