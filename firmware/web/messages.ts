/** What page and server say to each other: JSON in text messages, sound frames in binary ones. */
import * as v from 'valibot';
import type { Front, Status, TraceEntry } from '#phone/types.ts';

const KEYS = ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', '*', '#'] as const;

const FUNCTIONS = ['redial', 'mute', 'speaker', 'headset', 'hold', 'phone-book', 'messages'] as const;

const PageMessageSchema = v.variant('kind', [
  v.strictObject({ kind: v.literal('key'), key: v.picklist(KEYS), down: v.boolean() }),
  v.strictObject({ kind: v.literal('function'), key: v.picklist(FUNCTIONS), down: v.boolean() }),
  v.strictObject({ kind: v.literal('hook'), state: v.picklist(['on', 'off']) }),
  v.strictObject({ kind: v.literal('flash') }),
  v.strictObject({ kind: v.literal('volume'), step: v.picklist([1, -1]) }),
  v.strictObject({
    kind: v.literal('dial'),
    number: v.pipe(v.string(), v.trim(), v.nonEmpty(), v.maxLength(256), v.regex(/^\P{Cc}*$/u)),
  }),
  v.strictObject({ kind: v.literal('hangup') }),
  /** The page's microphone and speaker become the handset, or cease to be. */
  v.strictObject({ kind: v.literal('sound'), on: v.boolean() }),
]);

export type PageMessage = v.InferOutput<typeof PageMessageSchema>;

export type ServerMessage =
  | { readonly kind: 'front'; readonly front: Front }
  | { readonly kind: 'status'; readonly status: Status }
  | { readonly kind: 'trace'; readonly entry: TraceEntry }
  /** Another page has the sound now. */
  | { readonly kind: 'sound'; readonly on: false }
  /** What was asked for cannot be done; `reason` is for people. */
  | { readonly kind: 'refused'; readonly reason: string };

/** Undefined when `text` is no message of the page. */
export function readPageMessage(text: string): PageMessage | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  const result = v.safeParse(PageMessageSchema, value);
  return result.success ? result.output : undefined;
}
