/** How much of a message we take in; a telephone's own needs are far below. All in octets but the last. */

/** Start line and header fields. */
export const MAX_HEAD = 64 * 1024;
/** A body; a datagram cannot carry more. */
export const MAX_BODY = 64 * 1024;
/** Header fields in one message. */
export const MAX_FIELDS = 1024;
