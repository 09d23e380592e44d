/** What is measured at telephones in a guest (`npm run bench -- device`): ms from an edge on a line to what comes of it. */
import type { Measurement } from './plan.ts';

/** All figures of one board come from one run. */
function row(
  board: 'phone' | 'adapter',
  figure: string,
  title: string,
  goal: number,
  unit = 'ms',
): Measurement {
  const ours = { name: 'ours', script: 'measure_device.ts', args: [board], figure };
  return { title, unit, better: 'less', goal, ours, others: [] };
}

export const DEVICE_PLAN: readonly Measurement[] = [
  row('phone', 'first-lift', 'lifted hook to dial tone, the first time', 60),
  row('phone', 'lift', 'lifted hook to dial tone, median', 60),
  row('phone', 'lift-most', 'lifted hook to dial tone, most', 60),
  row('phone', 'pitch', 'dial tone off its frequency in its first half second, median', 0.5, '%'),
  row('phone', 'key', 'pressed key to screen, median', 50),
  row('phone', 'key-most', 'pressed key to screen, most', 50),
  row('adapter', 'trip', 'ring trip, median', 100),
  row('adapter', 'trip-most', 'ring trip, most', 100),
];
