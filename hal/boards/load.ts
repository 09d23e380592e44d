/** The boards that come with the telephone, by name; any other one is a file. */
import { readFile } from 'node:fs/promises';
import { BoardError, readBoard, readBoardText } from './read.ts';
import type { BoardProfile } from './schema.ts';

type Profile = () => Promise<{ readonly default: unknown }>;

const BOARDS: Readonly<Record<string, Profile>> = {
  sim: () => import('./sim.json', { with: { type: 'json' } }),
  'desk-matrix-oled': () => import('./desk-matrix-oled.json', { with: { type: 'json' } }),
  'desk-mcp-lcd': () => import('./desk-mcp-lcd.json', { with: { type: 'json' } }),
  'rotary-usb': () => import('./rotary-usb.json', { with: { type: 'json' } }),
  'rotary-bell': () => import('./rotary-bell.json', { with: { type: 'json' } }),
  'ata-slic': () => import('./ata-slic.json', { with: { type: 'json' } }),
  intercom: () => import('./intercom.json', { with: { type: 'json' } }),
};

export const BOARD_NAMES: readonly string[] = Object.keys(BOARDS);

/** By a name of `BOARD_NAMES` or a path (with `/`, or ending in `.json`). Rejects with a BoardError. */
export async function loadBoard(nameOrFile: string): Promise<BoardProfile> {
  const profile = Object.hasOwn(BOARDS, nameOrFile) ? BOARDS[nameOrFile] : undefined;
  if (profile !== undefined) return readBoard((await profile()).default, nameOrFile);
  if (!/\/|\.json$/.test(nameOrFile)) {
    throw new BoardError(nameOrFile, [
      { path: '', reason: `there is no such board; there are ${BOARD_NAMES.join(', ')}, or give a file` },
    ]);
  }
  return readBoardText(await textOf(nameOrFile), nameOrFile);
}

async function textOf(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw new BoardError(file, [{ path: '', reason: `cannot be read: ${(error as Error).message}` }]);
  }
}
