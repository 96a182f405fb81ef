import type { DemoEngine } from '../../../shared/domain/demo.ts'
import { AppError } from '../../../shared/errors.ts'
import { isAlike, rehearse } from '../../demo/rehearsal/rehearse.ts'
import { makeRehearsalFolder, type RehearsalFolder } from '../../demo/rehearsal/rehearsalFolder.ts'
import { REPORT_HEAD, isAsExpected, reportDifferences, reportRow, type RunReport } from '../../demo/rehearsal/reportTable.ts'
import { openHostedRoom } from '../../hostedRoom.ts'
import { systemClock } from '../../systemPorts.ts'
import { connect } from '../connection.ts'
import type { CommandContext } from '../context.ts'
import type { DemoAsked } from '../demoAsked.ts'
import { describeEngine } from '../demoTeller.ts'
import { exitCode, exitCodeOfInterruption } from '../exitCodes.ts'
import type { Interruption } from '../interruptions.ts'
import { isAtLeast } from '../notes.ts'
import { table } from '../table.ts'

type Asked = Extract<DemoAsked, { kind: 'rehearse' }>

/** Whole runs, one after the other, in a room of their own, which is gone afterwards. */
export async function rehearseDemo(context: CommandContext, asked: Asked): Promise<number> {
  const interruptions = context.interruptions()
  const interrupted = Promise.withResolvers<Interruption>()
  interruptions.listen((interruption, isFirst) => {
    if (isFirst) interrupted.resolve(interruption)
    else context.notes.say('WARN', 'demo.stopping', 'The rehearsal is ending: its agent is stopped, and its folder removed.')
  })
  const folder = await makeRehearsalFolder(context.environment, context.dataFolder)
  try {
    const connection = await openRoom(context, folder, (problem) => interrupted.reject(problem ?? new AppError('UNAVAILABLE', 'The rehearsal’s room was told to stop.')))
    try {
      const { client } = connection
      const { engine } = await client.request('demo.show', {})
      if (!context.line.options.json && engine.python !== null) context.screen.note(describeEngine(engine))
      const rehearsed = rehearse({
        ...asked,
        client,
        clock: systemClock,
        folder: folder.path,
        onRun: (report) => tellRun(context, report, asked.runs),
      })
      // Closing the room fails it, and then nobody waits for it any more.
      rehearsed.catch(() => undefined)
      const end = await Promise.race([rehearsed, interrupted.promise])
      if (typeof end === 'string') return exitCodeOfInterruption(end)
      await tellAll(context, engine, end, asked.runs)
      return exitCode(isAlike(end, asked.runs) ? 'done' : 'problems')
    } finally {
      await connection.close()
    }
  } finally {
    await folder.remove()
  }
}

function openRoom({ settings, notes }: CommandContext, { path, environment }: RehearsalFolder, onStopRequested: (problem?: unknown) => void): ReturnType<typeof connect> {
  return connect({
    dataFolder: path,
    openOwn: () =>
      openHostedRoom({
        dataFolder: path,
        environment,
        // Somebody who approves sits there: the rehearsal.
        host: 'browser',
        port: 0,
        isPortChosen: false,
        onStopRequested,
        // Its events are what is compared; here only what is no event, and went wrong.
        onLogEntry: (entry) => {
          if (settings.values.verbose || (entry.fields?.seq === undefined && isAtLeast(entry.level, 'ERROR'))) notes.write(entry)
        },
      }),
  })
}

function tellRun({ screen, line }: CommandContext, report: RunReport, runs: number): void {
  if (line.options.json) return
  const [, seconds, events] = reportRow(report)
  screen.note(`Run ${report.run} of ${runs}: ${seconds} s, ${events} events, ${isAsExpected(report) ? 'as it should be' : 'differs'}`)
}

async function tellAll({ screen, line }: CommandContext, engine: DemoEngine, reports: readonly RunReport[], runs: number): Promise<void> {
  if (line.options.json) return screen.out(`${JSON.stringify({ isAlike: isAlike(reports, runs), engine, runs: reports }, null, 2)}\n`)
  await screen.out(table(REPORT_HEAD, reports.map(reportRow)))
  const differences = reportDifferences(reports)
  if (differences.length > 0) await screen.out(`\n${differences.join('\n')}\n`)
}
