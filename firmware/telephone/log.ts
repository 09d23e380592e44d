/** The log of a running telephone: lines for a person at the terminal, JSON for a journal. */
import { LOG_LEVELS, type LogLevel, type Terminal } from '#cli/verb.ts';

export type Log = (level: LogLevel, text: string) => void;

export function logger(least: LogLevel, out: Terminal['out'], interactive: boolean): Log {
  return (level, text) => {
    if (LOG_LEVELS.indexOf(level) < LOG_LEVELS.indexOf(least)) return;
    const time = new Date().toISOString();
    out(
      interactive
        ? `${time.slice(11, 19)} ${level.padEnd(5)} ${text}`
        : JSON.stringify({ time, level, text }),
    );
  };
}
