/** Codes of the errors of ICMPv6, RFC 4443 3. */

// Destination unreachable.
export const noRoute = 0;
export const prohibited = 1;
export const beyondScope = 2;
export const address = 3;
export const port = 4;
export const sourcePolicy = 5;
export const rejectRoute = 6;

// Time exceeded.
export const hopLimit = 0;
export const reassembly = 1;

// Parameter problem.
export const field = 0;
export const nextHeader = 1;
export const option = 2;
