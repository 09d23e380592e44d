/**
 * The configuration with which baresip needs no sound card: it speaks a WAV file, and what it hears goes to
 * `…-dec.wav` in its directory. Its player is a bridge nobody listens to, which gives it a clock.
 */
export interface BaresipConfig {
  readonly directory: string;
  /** WAV file at 8 kHz that it speaks. */
  readonly speaks: string;
  /** `address:port` of SIP, IPv6 in brackets; absent: any port at every address. */
  readonly listen?: string;
  /** TCP port on 127.0.0.1 that takes its commands; absent: none. */
  readonly control?: number;
}

const MODULES = ['g711', 'ausine', 'aufile', 'aubridge', 'sndfile'];

export function baresipConfig({ directory, speaks, listen, control }: BaresipConfig): string {
  return [
    'poll_method epoll',
    ...(listen === undefined ? [] : [`sip_listen ${listen}`]),
    'module_path /usr/lib/baresip/modules',
    ...MODULES.map((name) => `module ${name}.so`),
    'module_tmp account.so',
    'module_app menu.so',
    ...(control === undefined ? [] : ['module_app ctrl_tcp.so', `ctrl_tcp_listen 127.0.0.1:${control}`]),
    `audio_source aufile,${speaks}`,
    'audio_player aubridge,ear',
    'audio_alert aubridge,alert',
    'ausrc_srate 8000',
    'auplay_srate 8000',
    'ausrc_channels 1',
    'auplay_channels 1',
    `snd_path ${directory}`,
    '',
  ].join('\n');
}
