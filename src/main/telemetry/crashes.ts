import type { Log } from './log.ts'

/** As the table of exit codes has it: a defect of our own. */
const DEFECT_EXIT = 70

/**
 * What nobody caught ends the process. What it says may hold anything, so it goes through the log, which redacts it, instead of to standard error as it is.
 * Reports that Node writes leave the environment out, where the master key may stand. Gives what ends the watch.
 */
export function watchForCrash(process: NodeJS.Process, log: Log): () => void {
  process.report.excludeEnv = true
  const onCrash = (defect: unknown): void => {
    const error = defect instanceof Error ? (defect.stack ?? defect.message) : String(defect)
    log.write({ level: 'ERROR', event: 'room.crashed', msg: 'A defect that nobody caught ended the control room; its log says which.', fields: { error } })
    // The log is written to its end on the way out.
    process.exit(DEFECT_EXIT)
  }
  process.on('uncaughtException', onCrash)
  // Of these Electron would print the whole story to standard error and go on.
  process.on('unhandledRejection', onCrash)
  return () => {
    process.off('uncaughtException', onCrash)
    process.off('unhandledRejection', onCrash)
  }
}
