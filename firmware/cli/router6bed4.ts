import { UsageError, type Verb } from './verb.ts';

export const verb: Verb = {
  usage:
    'router6bed4 [--listen IPV4[:25790]] [--netid HEX] [--prefix IPV6/64 --tun NAME] [--on-link PREFIX]... [--stats SECONDS]',
  summary: 'relays between 6bed4 peers, with --tun also to native IPv6, until SIGTERM or Ctrl-C',
  options: {
    listen: { type: 'string' },
    netid: { type: 'string' },
    prefix: { type: 'string' },
    tun: { type: 'string' },
    'on-link': { type: 'string', multiple: true },
    stats: { type: 'string' },
  },
  async act(given, { terminal }) {
    // Only here: no other verb shall pay for it.
    const { runRouter, SettingError } = await import('#router6bed4/run.ts');
    const asked = {
      listen: given.text('listen'),
      netid: given.text('netid'),
      prefix: given.text('prefix'),
      tun: given.text('tun'),
      onLink: given.texts('on-link'),
      stats: given.text('stats'),
    };
    try {
      await runRouter(asked, terminal);
    } catch (error) {
      throw error instanceof SettingError ? new UsageError(error.message) : error;
    }
  },
};
