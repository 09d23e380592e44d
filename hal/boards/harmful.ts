/** Outputs of a board that could do harm if they were left on. At rest all of them are low, or not driven. */
import type { HarmfulOutput } from '../linux/outputs_at_rest.ts';
import type { LinuxBoard } from './schema.ts';

/** Channels come before their lines, which are free then. */
export function harmfulOutputs({ gpio: { chip }, parts }: LinuxBoard): readonly HarmfulOutput[] {
  const line = (name: string, offset: number, activeLow = false): HarmfulOutput => ({
    kind: 'line',
    name,
    chip,
    offset,
    ...(activeLow && { activeLow }),
  });
  const channel = (name: string, pwm: { readonly chip: readonly string[]; readonly channel: number }) =>
    ({ kind: 'pwm', name, ...pwm }) satisfies HarmfulOutput;
  return parts.flatMap((part): HarmfulOutput[] => {
    if (part.kind === 'amplifier') return [line('amplifier enable', part.line, part.active === 'low')];
    if (part.kind === 'line-interface') {
      const { rm, fr, pwm } = part;
      return [...(pwm === undefined ? [] : [channel('F/R', pwm)]), line('RM', rm), line('F/R', fr)];
    }
    if (part.kind !== 'bell') return [];
    if (part.driver === 'coil') return [line('bell A', part.a), line('bell B', part.b)];
    if (part.driver === 'relay') return [line('bell relay', part.line, part.active === 'low')];
    if (part.driver !== 'buzzer') return [];
    return [...(part.pwm === undefined ? [] : [channel('buzzer', part.pwm)]), line('buzzer', part.line)];
  });
}
