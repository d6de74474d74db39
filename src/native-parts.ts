import { createRequire } from 'node:module';
import { UserError } from './errors.js';

/** A package of which a part is made for one kind of system alone, and what Glimpse has it for. */
interface NativePackage {
  readonly name: string;
  readonly job: string;
  /** Marks an error as one of this package. */
  readonly mark: RegExp;
}

export const NATIVE_PACKAGES: readonly NativePackage[] = [
  { name: 'onnxruntime-node', job: 'runs the model', mark: /onnxruntime/ },
  { name: 'sharp', job: 'reads pictures', mark: /"sharp"|[\\/'"]sharp[\\/'"-]|@img[\\/]/ },
  { name: '@napi-rs/canvas', job: 'draws on pictures', mark: /@napi-rs[\\/]canvas|skia|native binding/ },
  {
    name: 'classic-level',
    job: 'keeps requests on disk',
    mark: /classic-level|No native build was found/,
  },
];

const INSTALL =
  'Run "npm ci --include=optional" on this machine; a folder node_modules of another one does not do.';
/** The oldest that all packages are made for, and what has it. */
const SYSTEMS = 'Glimpse runs on 64-bit Windows, macOS on Apple silicon, and Linux with glibc 2.28 or newer';

/** What a system's loader says, with the mend; the first that fits is told. `$1` is the part in brackets. */
const CAUSES: readonly (readonly [says: RegExp, why: string, mend: string])[] = [
  [
    /version [`'"]?(GLIBC_[\d.]+)'? not found/,
    'it needs $1, and the glibc of this system is older',
    `${SYSTEMS}, such as Debian from 10 and Ubuntu from 20.04.`,
  ],
  [
    /version [`'"]?((?:GLIBCXX|CXXABI)_[\w.]+)'? not found/,
    'it needs $1, and the libstdc++ of this system is older',
    `Update it. ${SYSTEMS}, such as Debian from 10 and Ubuntu from 20.04.`,
  ],
  [
    /ld-linux|ld-musl|Error relocating|libc\.musl|symbol not found/,
    'it is made for Linux with another C library',
    `${SYSTEMS}, such as Debian and Ubuntu; Alpine has musl (for a container take the image node:22-slim).`,
  ],
  [
    /failed to map segment/,
    'its disk does not allow programs (noexec)',
    'Put Glimpse onto a disk that does.',
  ],
  [/v2 microarchitecture/, 'this processor is older than x86-64-v2, of 2009', 'It takes a newer one.'],
  [
    /(?:Error loading shared library |^|[\s:])(lib(?!onnxruntime|vips)[\w+.-]+?): (?:cannot open shared|No such file)/,
    'the library $1 is missing',
    'Install it; on Debian and Ubuntu, libstdc++6 and libgcc-s1 are what is needed beside Node.js.',
  ],
  [
    /specified module could not be found/,
    'a library of Windows is missing',
    'Install the Visual C++ runtime.',
  ],
  [
    /invalid ELF header|wrong ELF class|wrong architecture|incompatible architecture|not a mach-o|valid Win32/,
    'what is installed is made for another system',
    INSTALL,
  ],
];

/**
 * The error of a package whose native part can't be loaded as one sentence with its mend; other errors as they are.
 *
 * @param musl whether this system's C library is musl, for which onnxruntime-node is not made; looked up if left out
 */
export function explainNativeError(error: unknown, musl?: boolean): unknown {
  const said = allThatIsSaid(error);
  const found = NATIVE_PACKAGES.find(({ mark }) => mark.test(said));
  if (found === undefined || !isLoadError(error)) {
    return error;
  }
  const { name, job } = found;
  const [why, mend] =
    name === 'onnxruntime-node' && (musl ?? hasMusl()) ? [MUSL.why, MUSL.mend] : causeOf(said, name);
  return new UserError(`${name}, which ${job}, can't be loaded: ${why}. ${mend}`, { cause: error });
}

/** @throws {UserError} a package's native part can't be loaded here */
export async function requireNativePart(name: string): Promise<void> {
  try {
    await import(name);
  } catch (error) {
    throw explainNativeError(error);
  }
}

const MUSL = {
  why: 'it is not made for musl, the C library of this system',
  mend: `${SYSTEMS}, such as Debian and Ubuntu (for a container take the image node:22-slim rather than node:22-alpine).`,
} as const;

function causeOf(said: string, name: string): [why: string, mend: string] {
  for (const [pattern, why, mend] of CAUSES) {
    const match = pattern.exec(said);
    if (match !== null) {
      return [why.replace('$1', match.at(1) ?? ''), mend];
    }
  }
  const system = `${process.platform} ${process.arch}`;
  return name === 'onnxruntime-node' && isInstalled(name) && said.includes('Cannot find module')
    ? [`it is not made for ${system}`, `${SYSTEMS}.`]
    : [`its part for ${system} is missing or damaged`, INSTALL];
}

/** An import that failed, or what a package makes of its own. */
function isLoadError(error: unknown): boolean {
  if (!(error instanceof Error)) {
    return false;
  }
  const code = 'code' in error ? String(error.code) : '';
  return (
    ['ERR_DLOPEN_FAILED', 'MODULE_NOT_FOUND', 'ERR_MODULE_NOT_FOUND'].includes(code) ||
    /^(?:Could not load the "sharp" module|Cannot find native binding|Failed to load native binding|No native build was found)/.test(
      error.message,
    )
  );
}

/** The messages of an error and its causes, and the paths that it came through. */
function allThatIsSaid(error: unknown): string {
  const parts: string[] = [];
  for (let at: unknown = error; at instanceof Error && parts.length < 20; at = at.cause) {
    parts.push(at.message);
    if ('requireStack' in at && Array.isArray(at.requireStack)) {
      parts.push(at.requireStack.join('\n'));
    }
  }
  return parts.join('\n');
}

function isInstalled(name: string): boolean {
  try {
    createRequire(import.meta.url).resolve(`${name}/package.json`);
    return true;
  } catch (error) {
    // There, but its package.json is not for others.
    return error instanceof Error && 'code' in error && error.code === 'ERR_PACKAGE_PATH_NOT_EXPORTED';
  }
}

/** Node names the glibc that it runs with. */
function hasMusl(): boolean {
  const { header } = process.report.getReport() as { header: { glibcVersionRuntime?: string } };
  return process.platform === 'linux' && header.glibcVersionRuntime === undefined;
}
