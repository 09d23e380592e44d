/** Types of ICMPv6: RFC 4443, RFC 4861 4. Below 128 are errors. */
export const destinationUnreachable = 1;
export const packetTooBig = 2;
export const timeExceeded = 3;
export const parameterProblem = 4;
export const echoRequest = 128;
export const echoReply = 129;
export const routerSolicitation = 133;
export const routerAdvertisement = 134;
export const neighbourSolicitation = 135;
export const neighbourAdvertisement = 136;
export const redirect = 137;
