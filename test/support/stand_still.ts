/** Blocks this thread for so many ms, as a loop without end would. When it began, ms of Date.now(). */
export function standStill(ms: number): number {
  const began = Date.now();
  const end = performance.now() + ms;
  while (performance.now() < end);
  return began;
}
