/**
 * Connections to one host at once, for agents of Node. The engine bounds the calls (1,024 of a connector at most): nobody may
 * wait for a connection on top of that, for the time of a call runs while it waits.
 */
export const SOCKETS_PER_HOST_MAX = 1_024;
