/** What may follow an IPv6 header: RFC 8200 3 and 4, IANA's protocol numbers. */
export const hopByHop = 0;
export const udp = 17;
export const routing = 43;
export const fragment = 44;
export const icmp = 58;
export const none = 59;
export const destinationOptions = 60;
