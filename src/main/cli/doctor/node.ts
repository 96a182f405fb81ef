import type { Check } from './finding.ts'

/** The first version that runs TypeScript files as they are, and that all our native modules are built for. */
const LEAST = [22, 18] as const

export const checkNode: Check = async () => judgeNode(process.versions.node, process.execPath)

export function judgeNode(version: string, path: string): Awaited<ReturnType<Check>> {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  const isEnough = major > LEAST[0] || (major === LEAST[0] && minor >= LEAST[1])
  return {
    name: 'Node.js',
    state: isEnough ? 'ok' : 'problem',
    message: `version ${version} at ${path}`,
    advice: isEnough ? null : `Iron Cage needs Node.js ${LEAST.join('.')} or newer: "npm run" in its folder brings its own.`,
  }
}
