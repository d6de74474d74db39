/** https://www.gnu.org/software/libc/manual/html_node/Memory-Allocation-Tunables.html */
const TUNABLE = 'glibc.malloc.hugetlb=1';

/**
 * An environment for a process that is to have its memory in pages of megabytes where the system has them to give.
 * ONNX Runtime copies gigabytes of weights when it loads a model; in pages of 4 KiB that takes a third to a half
 * longer. It has to be asked for before a process begins, and is without effect outside Linux with glibc.
 */
export function withLargePages(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const { GLIBC_TUNABLES: others } = environment;
  const GLIBC_TUNABLES = others === undefined || others === '' ? TUNABLE : `${others}:${TUNABLE}`;
  return { ...environment, GLIBC_TUNABLES };
}
