#!/usr/bin/env node
import { OLD_NODE_EXIT, refuseOldNode } from '../oldNode.ts'

// What Node reports of a crash, where it is asked to, leaves out what may hold the master key.
process.report.excludeEnv = true
const refusal = refuseOldNode(process.versions.node)
if (refusal) {
  process.stderr.write(`iron_cage: ${refusal}\n`)
  process.exit(OLD_NODE_EXIT)
}
// Only now: what is loaded from here on would crash under an old Node.
const { runCommandLine } = await import('./run.ts')
process.exit(await runCommandLine({ argv: process.argv.slice(2), process }))
