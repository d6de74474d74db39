import type { Server } from 'node:http';
import { isIP, type AddressInfo } from 'node:net';
import { UserError } from './errors.js';

export interface ListenOptions {
  readonly host: string;
  /** 0 for any free one. */
  readonly port: number;
  /** How the names of the settings that say so begin, such as `MONITORING` of `MONITORING_PORT`. */
  readonly settings: string;
  /** Whether the port's setting takes `off`. */
  readonly mayBeOff: boolean;
}

/**
 * Lets a server take connections.
 *
 * @returns its port
 * @throws {UserError} the port is taken or the host is not an address of this machine
 */
export async function listen(server: Server, options: ListenOptions): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      reject(mended(error, options));
    });
    server.listen(options.port, options.host, resolve);
  });
  return (server.address() as AddressInfo).port;
}

function mended(error: NodeJS.ErrnoException, { host, port, settings, mayBeOff }: ListenOptions): Error {
  const orOff = mayBeOff ? ', or to off' : '';
  switch (error.code) {
    case 'EADDRINUSE':
      return new UserError(`Port ${port} of ${host} is taken. Set ${settings}_PORT to a free port${orOff}.`, {
        cause: error,
      });
    case 'EACCES':
      return new UserError(
        `Port ${port} may not be used by this user. Set ${settings}_PORT to a port from 1024${orOff}.`,
        { cause: error },
      );
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return new UserError(
        `${settings}_HOST is ${host}, which is not an address of this machine. 127.0.0.1 is one, 0.0.0.0 means all.`,
        { cause: error },
      );
    default:
      return error;
  }
}

/** Whether only this machine can reach what listens at a name or address. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host);
}

/** Names that nobody can register, so that only a network's own servers give them out. */
const PRIVATE_NAME = /^[^.]+$|\.(?:corp|home|home\.arpa|internal|intranet|lan|local|localdomain|svc)$/;

/**
 * A page in somebody's browser can make a name of its own point here, and read what this serves. So the name in a
 * request must be one that only this machine or its network gives out, or that its owner has named.
 *
 * @param names in lower case
 */
export function isAddressedTo(header: string, boundHost: string, names: readonly string[] = []): boolean {
  if (!/^[\w.:[\]-]+$/.test(header) || !URL.canParse(`http://${header}`)) {
    return false;
  }
  const name = new URL(`http://${header}`).hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '');
  if (isLoopback(name) || name === boundHost.toLowerCase() || names.includes(name)) {
    return true;
  }
  const everywhere = boundHost === '0.0.0.0' || boundHost === '::';
  return isIP(name) === 0 ? !isLoopback(boundHost) && PRIVATE_NAME.test(name) : everywhere;
}
