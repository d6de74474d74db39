import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { DEMO_MODEL } from '../src/config.js';
import { UserError } from '../src/errors.js';
import { explainNativeError, NATIVE_PACKAGES, requireNativePart } from '../src/native-parts.js';
import { cliArguments, withoutProgress } from './support/run-cli.js';
import { temporaryFolder } from './support/temporary-folder.js';

const BINDING = '/app/node_modules/onnxruntime-node/bin/napi-v6/linux/x64/onnxruntime_binding.node';
const MIND = 'a folder node_modules of another one does not do.';

function failed(code: string, message: string, details: object = {}): Error {
  return Object.assign(new Error(message), { code, ...details });
}

/** As sharp makes them, of all that it tried. */
function ofSharp(tried: string): Error {
  return new Error(
    `Could not load the "sharp" module using the linux-x64 runtime\n${tried}\nPossible solutions:\n- ...`,
  );
}

test.each([
  [
    'sharp of another system',
    ofSharp("MODULE_NOT_FOUND: Cannot find module '@img/sharp-linux-x64/sharp.node'"),
    `sharp, which reads pictures, can't be loaded: its part for ${process.platform} ${process.arch} is missing or damaged. Run "npm ci --include=optional" on this machine; ${MIND}`,
  ],
  [
    'sharp on an old processor',
    ofSharp('Unsupported CPU: Prebuilt binaries for Linux x64 require v2 microarchitecture'),
    "sharp, which reads pictures, can't be loaded: this processor is older than x86-64-v2, of 2009. It takes a newer one.",
  ],
  [
    'an older glibc',
    failed(
      'ERR_DLOPEN_FAILED',
      `/lib/x86_64-linux-gnu/libc.so.6: version \`GLIBC_2.28' not found (required by ${BINDING})`,
    ),
    /^onnxruntime-node, which runs the model, can't be loaded: it needs GLIBC_2\.28, and the glibc of this system is older\. Glimpse runs on /,
  ],
  [
    'an older libstdc++',
    failed(
      'ERR_DLOPEN_FAILED',
      `/usr/lib/libstdc++.so.6: version \`GLIBCXX_3.4.22' not found (required by ${BINDING})`,
    ),
    /it needs GLIBCXX_3\.4\.22, and the libstdc\+\+ of this system is older\. Update it\./,
  ],
  [
    'a library that is missing',
    failed('ERR_DLOPEN_FAILED', 'libstdc++.so.6: cannot open shared object file: No such file or directory', {
      requireStack: [BINDING],
    }),
    /onnxruntime-node, .*: the library libstdc\+\+\.so\.6 is missing\. Install it/,
  ],
  [
    'a disk without programs',
    failed('ERR_DLOPEN_FAILED', `${BINDING}: failed to map segment from shared object`),
    /its disk does not allow programs \(noexec\)/,
  ],
  [
    'a part of another processor',
    failed(
      'ERR_DLOPEN_FAILED',
      '/app/node_modules/classic-level/prebuilds/linux-x64/classic-level.node: invalid ELF header',
    ),
    /^classic-level, which keeps requests on disk, can't be loaded: what is installed is made for another system\. Run "npm ci/,
  ],
  [
    'a system that a package is not made for',
    new Error('No native build was found for platform=sunos arch=x64 runtime=node\n    loaded from: /app\n'),
    /^classic-level, .* is missing or damaged\./,
  ],
  [
    'a canvas without its part',
    new Error('Cannot find native binding. npm has a bug related to optional dependencies.', {
      cause: failed('MODULE_NOT_FOUND', "Cannot find module '@napi-rs/canvas-linux-x64-gnu'"),
    }),
    /^@napi-rs\/canvas, which draws on pictures, can't be loaded: its part for/,
  ],
  [
    'a package that is not there at all',
    failed('ERR_MODULE_NOT_FOUND', "Cannot find package 'sharp' imported from /app/dist/rendering/fit.js"),
    /^sharp, .* is missing or damaged\. Run "npm ci/,
  ],
])('%s is one line with its mend', (_, error, sentence) => {
  const told = explainNativeError(error, false);
  expect(told).toBeInstanceOf(UserError);
  expect((told as UserError).message).toMatch(sentence);
  expect((told as UserError).message).not.toContain('\n');
});

test('Alpine is told that ONNX Runtime is not made for its C library', () => {
  const error = failed(
    'ERR_DLOPEN_FAILED',
    `Error loading shared library ld-linux-x86-64.so.2: No such file or directory (needed by ${BINDING})`,
  );
  expect((explainNativeError(error, true) as UserError).message).toMatch(
    /it is not made for musl, the C library of this system\. .*node:22-slim rather than node:22-alpine/,
  );
});

test('other errors are left as they are', () => {
  for (const error of [
    new TypeError('sharp is not a function'),
    failed('ERR_MODULE_NOT_FOUND', "Cannot find module '/app/dist/cli/nothing.js'"),
    failed('ENOENT', 'no such file sharp.txt'),
  ]) {
    expect(explainNativeError(error, false)).toBe(error);
  }
});

test('what is installed here can be loaded', async () => {
  for (const { name } of NATIVE_PACKAGES) {
    await requireNativePart(name);
  }
});

test('a package that is gone is one line from a command, and one finding among others from the doctor', async () => {
  const folder = await temporaryFolder();
  // Node asks here first for each package, and sharp is one that can't be loaded.
  await mkdir(join(folder, 'hooks'));
  const hook =
    "export const resolve = (name, context, next) => { if (name === 'sharp') { throw Object.assign(new Error(" +
    '`Could not load the "sharp" module using the linux-x64 runtime\\n    at x`), {}); } return next(name, context); };';
  await writeFile(join(folder, 'hooks', 'hook.mjs'), hook);
  await writeFile(
    join(folder, 'hooks', 'register.mjs'),
    "import { register } from 'node:module'; register('./hook.mjs', import.meta.url);",
  );
  const run = async (...args: string[]): Promise<{ status: number; said: string }> => {
    const node = ['--import', join(folder, 'hooks', 'register.mjs'), ...cliArguments(...args)];
    const env = { ...process.env, DISCORD_TOKEN: '', MONITORING_PORT: 'off' };
    return promisify(execFile)(process.execPath, node, { cwd: folder, env }).then(
      ({ stdout, stderr }) => ({ status: 0, said: stdout + stderr }),
      (error: unknown) => {
        const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
        return { status: code, said: stdout + stderr };
      },
    );
  };
  const picture = join(DEMO_MODEL, 'samples/star-diamond-square.jpg');
  const described = await run('describe', picture);
  expect(withoutProgress(described.said)).toEqual([
    expect.stringMatching(/^sharp, which reads pictures, can't be loaded: /),
  ]);
  expect(described.status).toBe(2);
  const examined = await run('doctor');
  expect(examined.said).toMatch(/PROBLEM {2}Native parts: sharp, which reads pictures, can't be loaded/);
  expect(examined.said).toMatch(/ok {7}Machine: /);
  expect(examined.said).not.toMatch(/^ {4}at /m);
  expect(examined.status).toBe(1);
});
