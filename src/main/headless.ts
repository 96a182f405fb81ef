import { OLD_NODE_EXIT, refuseOldNode } from './oldNode.ts'

/** The browser host's entry: where no window can be had, `npm start` comes here. It is `iron_cage serve`, with the reason said first. */
// What Node reports of a crash, where it is asked to, leaves out what may hold the master key.
process.report.excludeEnv = true
const refusal = refuseOldNode(process.versions.node)
if (refusal) {
  process.stderr.write(`${refusal}\n`)
  process.exit(OLD_NODE_EXIT)
}
// Only now: what is loaded from here on would crash under an old Node.
const { openInBrowser } = await import('./browserHost.ts')
process.exit(await openInBrowser(process))
