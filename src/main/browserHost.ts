import { findCallerFolder } from './cli/callerFolder.ts'
import { runCommandLine } from './cli/run.ts'
import { dataFolder } from './configuration/dataFolder.ts'
import { findInstance } from './state/ownership.ts'

/** Says why there is no window, then serves the room, or leads to the one that is open already; gives the exit code. */
export async function openInBrowser(process: NodeJS.Process): Promise<number> {
  const { env, platform, stderr } = process
  const reason = env.IRON_CAGE_NO_WINDOW_REASON
  if (reason) stderr.write(`${reason}\n`)
  const folder = dataFolder(env, platform, findCallerFolder(env, process.cwd()))
  const isOpenAlready = Boolean(findInstance(folder)?.url)
  if (isOpenAlready) stderr.write('The control room is open already; this link signs you in:\n')
  const argv = isOpenAlready ? ['link'] : ['serve', ...process.argv.slice(2)]
  return runCommandLine({ argv, process })
}
