import { OLD_NODE_EXIT, refuseOldNode } from './oldNode.ts'

/** The browser host's entry: where no window can be had, `npm start` comes here. It is `iron_cage serve`, with the reason said first. */
const refusal = refuseOldNode(process.versions.node)
if (refusal) {
  process.stderr.write(`${refusal}\n`)
  process.exit(OLD_NODE_EXIT)
}
// Only now: what is loaded from here on would crash under an old Node.
const { openInBrowser } = await import('./browserHost.ts')
process.exit(await openInBrowser(process))
