import { UserError } from '../../errors.js';
import { PassingError } from './passing-error.js';

/** A name that nobody knows: a slip in an address, or no network for the moment. */
export class UnknownHostError extends PassingError {}

/** OpenSSL's words for a certificate that is not what it should be, and Node's. */
const CERTIFICATE = /CERT|SELF_SIGNED|UNABLE_TO_(?:VERIFY|GET|DECRYPT)|CRL|INVALID_CA|INVALID_PURPOSE|CA_KEY/;
const NOT_ENCRYPTED = /WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG|HTTP_REQUEST|UNKNOWN_PROTOCOL/;

/** What a connection that never came about means, in words. @param cause as `fetch` throws it */
export function unreachable({ host, hostname }: URL, cause: unknown): Error {
  const inner = cause instanceof Error ? cause.cause : undefined;
  const code = inner instanceof Error && 'code' in inner ? String(inner.code) : '';
  if (/^(?:ERR_)?(?:SSL|TLS)|^EPROTO$/.test(code) || CERTIFICATE.test(code)) {
    return secureConnectionError(host, code, inner, cause);
  }
  if (inner instanceof Error && inner.message === 'bad port') {
    return new UserError(
      `${host} can't be reached. Its port is one that requests of the web may not go to.`,
      {
        cause,
      },
    );
  }
  if (code === 'ENOTFOUND') {
    return new UnknownHostError(
      `${host} can't be reached. The network knows no host ${hostname}: see the address.`,
      0,
      { cause },
    );
  }
  const reason = REASONS[code];
  return new PassingError(`${host} can't be reached.${reason === undefined ? '' : ` ${reason}`}`, 0, {
    cause,
  });
}

const REASONS: Readonly<Record<string, string | undefined>> = {
  EAI_AGAIN: "Its name can't be looked up for the moment: see the network.",
  ECONNREFUSED: 'Nothing answers at its port.',
  ETIMEDOUT: 'It does not answer.',
  UND_ERR_CONNECT_TIMEOUT: 'It does not answer.',
  UND_ERR_HEADERS_TIMEOUT: 'It does not answer.',
  ENETUNREACH: 'There is no way to it: see the network.',
  EHOSTUNREACH: 'There is no way to it: see the network.',
  ECONNRESET: 'It ends the connection.',
  UND_ERR_SOCKET: 'It ends the connection.',
};

function secureConnectionError(host: string, code: string, inner: unknown, cause: unknown): Error {
  const words = `${code} ${inner instanceof Error ? inner.message : ''}`;
  if (NOT_ENCRYPTED.test(words.toUpperCase().replaceAll(' ', '_'))) {
    return new UserError(`${host} can't be reached. It does not speak https: see the address.`, { cause });
  }
  if (!CERTIFICATE.test(code)) {
    return new PassingError(`${host} can't be reached. No encrypted connection came about (${code}).`, 0, {
      cause,
    });
  }
  const mend = /EXPIRED|NOT_YET_VALID/.test(code)
    ? "see this machine's clock"
    : 'where a proxy reads along, name the file of its authority in NODE_EXTRA_CA_CERTS';
  return new UserError(
    `${host} can't be reached safely. Its certificate is not accepted (${code}): ${mend}.`,
    {
      cause,
    },
  );
}
