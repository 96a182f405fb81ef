import { loadPty } from '../../agents/pty.ts'
import type { Check } from './finding.ts'

/** Agents run in a terminal, whose native part is compiled while it is installed, if npm was allowed to. */
export function createTerminalCheck(load: () => unknown = loadPty): Check {
  return async () => {
    try {
      load()
      return { name: 'Terminal', state: 'ok', message: 'its native part is there', advice: null }
    } catch {
      const advice = 'Run "npm rebuild node-pty"; it takes make and g++, and npm’s leave for its script: "npm install-scripts approve node-pty".'
      return { name: 'Terminal', state: 'problem', message: 'its native part is missing: no agent can be started', advice }
    }
  }
}
