/** The guest's kernel, and modules built for it: where they are, and whether this machine has them. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const BUILD = fileURLToPath(new URL('./kernel/build.sh', import.meta.url));
const BUILD_MODULE = fileURLToPath(new URL('./kernel/module.sh', import.meta.url));

/** Directory with `linux`, `lib/modules` and `tree`; undefined: it has not been built. */
export function builtKernel(): string | undefined {
  if (process.platform !== 'linux' || process.arch !== 'x64') return undefined;
  const { status, stdout } = spawnSync('bash', [BUILD, '--where'], { encoding: 'utf8' });
  return status === 0 ? stdout.trim() : undefined;
}

/** Builds it where it is missing, which takes minutes and tells of itself; throws when it cannot be built. */
export function buildKernel(): string {
  const { status, stdout } = spawnSync('bash', [BUILD], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  if (status !== 0) throw new Error("the guest's kernel could not be built");
  return stdout.trim();
}

/**
 * Path of the laboratory's own module: an I2C adapter with a display of characters, one of pixels and an expander, and a
 * PWM chip. Parameters follow the path: `bus=1 pwm=fe20c000.pwm`, as a board has them. Built in seconds where it is not
 * there yet; throws when it cannot be, or without a kernel.
 */
export function labModule(): string {
  const { status, stdout, stderr } = spawnSync('bash', [BUILD_MODULE, '--where'], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`the laboratory's kernel module could not be built:\n${stderr}`);
  return stdout.trim();
}
