/** The telephones whose media are measured. Both speak a tone and record what they hear. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Baresip } from '../interop/peers/baresip.ts';
import { PhoneProcess } from '../support/phone_process.ts';
import { writeToneWav } from '../support/wav_tone.ts';

export interface MeasuredPhone {
  readonly id: number;
  readonly sipPort: number;
  dial(uri: string): Promise<void>;
  hangUp(): Promise<void>;
  stop(): Promise<unknown>;
}

const SIP_PORT = 15_960;

/** The built firmware, registered, with its page up. */
async function firmware(directory: string, server: number): Promise<MeasuredPhone> {
  const account = { user: 'bench', domain: '127.0.0.1', port: server, transport: 'udp', password: 'x' };
  const config = { accounts: [account], net: { sipPort: SIP_PORT, rtpPorts: '17900-17998' } };
  const phone = await PhoneProcess.start(directory, config, ['--http', '127.0.0.1:0', '--log', 'warn']);
  await phone.registered();
  const must = async (...words: string[]): Promise<void> => {
    const { code, output } = await phone.verb(...words);
    if (code !== 0) throw new Error(output);
  };
  return {
    id: phone.id,
    sipPort: SIP_PORT,
    dial: (uri) => must('dial', uri),
    hangUp: () => must('hangup'),
    stop: () => phone.stop(),
  };
}

async function baresip(directory: string, server: number): Promise<MeasuredPhone> {
  mkdirSync(directory, { recursive: true });
  const speaks = join(directory, 'tone.wav');
  writeToneWav(speaks, 440, 60);
  const address = '127.0.0.1';
  const account = `<sip:bench@127.0.0.1:${server}>;regint=3600;auth_pass=x`;
  const options = { directory, port: SIP_PORT, address, account, speaks };
  const phone = await new Baresip(options).ready();
  return {
    id: phone.id,
    sipPort: SIP_PORT,
    dial: (uri) => phone.dial(uri),
    hangUp: async () => {
      phone.kill('SIGINT');
      await sleep(200);
    },
    stop: () => phone.stop(),
  };
}

export const PHONES: Readonly<Record<string, typeof firmware>> = { firmware, baresip };
