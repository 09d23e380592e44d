/**
 * node:http without its ES module face: making that face reads every export, among them WebSocket, which loads
 * undici and HTTP/2 with it: 30 ms and several megabytes that nobody here uses.
 */
export const { createServer, request } = process.getBuiltinModule('node:http');
