/** As much of sdp-transform, which brings no types, as the tests use. */
declare module 'sdp-transform' {
  interface OracleMedia {
    readonly type: string;
    readonly port: number;
    readonly protocol: string;
    readonly payloads: string | number;
    readonly direction?: string;
    readonly ptime?: number;
    readonly rtp: readonly { readonly payload: number; readonly codec: string; readonly rate?: number }[];
    readonly fmtp: readonly { readonly payload: number; readonly config: string }[];
  }
  interface OracleSession {
    readonly name: string;
    readonly origin: {
      readonly sessionId: number | string;
      readonly sessionVersion: number;
      readonly address: string;
    };
    readonly connection?: { readonly version: number; readonly ip: string };
    readonly media: readonly OracleMedia[];
  }
  export function parse(sdp: string): OracleSession;
}
