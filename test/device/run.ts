/**
 * `npm run device-lab`: builds the guest's kernel where it is missing, then runs every test that needs it; arguments are
 * handed to ava. The last line reads `N passed, N failed, N skipped`.
 */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { buildKernel, labModule } from './kernel.ts';
import { noGuestBecause } from './possible.ts';

const obstacle = noGuestBecause();
if (obstacle !== undefined) {
  console.error(`no guest can be built here: it ${obstacle}`);
  process.exit(2);
}
buildKernel();
labModule();
const asked = process.argv.slice(2);
const files = asked.length > 0 ? asked : ['test/device/**/*.test.ts'];
// A guest takes a processor for itself, and what it measures is time.
const { status } = spawnSync(process.execPath, [join('tools', 'test.ts'), ...files, '--concurrency', '1'], {
  stdio: 'inherit',
});
process.exitCode = status ?? 1;
