import { runCommandLine } from './cli/run.ts'
import { findCallerFolder } from './cli/callerFolder.ts'
import { dataFolder } from './configuration/dataFolder.ts'
import { findInstance } from './state/ownership.ts'

/** The browser host's entry: where no window can be had, `npm start` comes here. It is `iron_cage serve`, with the reason said first. */
const reason = process.env.IRON_CAGE_NO_WINDOW_REASON
if (reason) process.stderr.write(`${reason}\n`)

const folder = dataFolder(process.env, process.platform, findCallerFolder(process.env, process.cwd()))
const isOpenAlready = Boolean(findInstance(folder)?.url)
if (isOpenAlready) process.stderr.write('The control room is open already; this link signs you in:\n')
const argv = isOpenAlready ? ['link'] : ['serve', ...process.argv.slice(2)]
process.exit(await runCommandLine({ argv, process }))
