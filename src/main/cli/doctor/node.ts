import { LEAST_NODE } from '../../oldNode.ts'
import type { Check } from './finding.ts'

export const checkNode: Check = async () => judgeNode(process.versions.node, process.execPath)

export function judgeNode(version: string, path: string): Awaited<ReturnType<Check>> {
  const isEnough = Number.parseInt(version, 10) >= LEAST_NODE
  return {
    name: 'Node.js',
    state: isEnough ? 'ok' : 'problem',
    message: `version ${version} at ${path}`,
    advice: isEnough ? null : `Iron Cage needs Node.js ${LEAST_NODE} or newer: "npm run" in its folder brings its own.`,
  }
}
