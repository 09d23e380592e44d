/** A telephone that is handed a drop file with a certificate beside it. */
import { X509Certificate } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { connect } from 'node:tls';
import test from 'ava';
import { ALONE } from '../support/alone.ts';
import { Authority } from '../support/authority.ts';
import { PhoneProcess, scratch } from '../support/phone_process.ts';
import { until } from '../support/process.ts';

const program = new URL('../../firmware/main.ts', import.meta.url).pathname;
const NET = { sipPort: 18_720, tlsPort: 18_721, rtpPorts: '18722-18739' };

/** SHA-256 of the certificate that is shown at this port. */
function shownAt(port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port, rejectUnauthorized: false });
    socket.on('error', reject);
    socket.on('secureConnect', () => {
      resolve(socket.getPeerX509Certificate()?.fingerprint256 ?? '');
      socket.destroy();
    });
  });
}

test('it shows the certificate, and does so at the next start, when nothing of it is left on the card', async (t) => {
  const directory = scratch('certificate');
  const drop = join(directory, 'drop');
  for (const folder of [drop, join(directory, 'authority')]) mkdirSync(folder);
  const authority = await Authority.create(join(directory, 'authority'));
  const { certificate, key } = await authority.issue({ names: ['phone.test'] });
  const files = {
    'own.pem': readFileSync(certificate),
    'own.key': readFileSync(key),
    'ca.crt': authority.pem,
  };
  for (const [name, content] of Object.entries(files)) writeFileSync(join(drop, name), content);
  const net = { ...NET, tlsCa: 'ca.crt', tlsCertificate: 'own.pem', tlsKey: 'own.key' };
  writeFileSync(join(drop, 'dualtone.json'), JSON.stringify({ ...ALONE, net }));
  for (const start of ['first', 'second']) {
    const phone = await PhoneProcess.start(directory, {}, ['--drop', drop], { program });
    t.teardown(() => phone.stop());
    await until('the file is taken', () => existsSync(join(drop, 'dualtone.json.applied')));
    t.deepEqual(readdirSync(drop), ['dualtone.json.applied']);
    const shown = await until(
      `a certificate is shown at the ${start} start`,
      () => shownAt(NET.tlsPort).catch(() => ''),
      8000,
      () => phone.output,
    );
    t.is(shown, new X509Certificate(files['own.pem']).fingerprint256);
    t.is(await phone.stop(), 0, phone.output);
  }
});
