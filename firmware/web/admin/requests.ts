/** What the page sends, as JSON; anything else is answered with 400. */
import * as v from 'valibot';

/** Octets of a body. */
export const SMALL = 4096;
export const LARGE = 256 * 1024;

const password = () => v.pipe(v.string(), v.maxLength(1024));

export const claimRequest = v.strictObject({
  pin: v.pipe(v.string(), v.maxLength(32)),
  password: password(),
});
export const loginRequest = v.strictObject({ password: password() });
export const passwordRequest = v.strictObject({ before: password(), password: password() });
export const serverRequest = v.strictObject({ host: v.pipe(v.string(), v.maxLength(255)) });
export const neighbourRequest = v.strictObject({
  key: v.pipe(v.string(), v.maxLength(512)),
  fp: v.optional(v.pipe(v.string(), v.maxLength(128))),
});
export const emptyRequest = v.strictObject({});
export const checkRequest = v.strictObject({ text: v.string() });
export const saveRequest = v.union([
  v.strictObject({ text: v.string(), revision: v.string() }),
  v.strictObject({ accounts: v.array(v.record(v.string(), v.unknown())), revision: v.string() }),
]);

type Requested<S extends v.GenericSchema> = v.InferOutput<S>;
export type SaveRequest = Requested<typeof saveRequest>;

/** Undefined: not what is wanted. */
export function read<S extends v.GenericSchema>(schema: S, body: Buffer): Requested<S> | undefined {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch {
    return undefined;
  }
  const result = v.safeParse(schema, value);
  return result.success ? result.output : undefined;
}
