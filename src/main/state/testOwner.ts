import { claimDataFolder, findInstance } from './ownership.ts'

/** A process that claims a data folder, says how that went, and lives until it is killed or its input ends; or one that only looks. */
const [dataFolder = '', port = ''] = process.argv.slice(2)
if (port === 'look') {
  process.stdout.write('looking\n')
  for (;;) findInstance(dataFolder)
}
try {
  const ownership = claimDataFolder(dataFolder)
  if (port !== '') ownership.publish({ url: `http://127.0.0.1:${port}`, port: Number(port), startedAt: 1_000, version: '0.0.1' })
  process.stdout.write('claimed\n')
  process.stdin.on('end', () => ownership.release()).resume()
} catch (problem) {
  process.stdout.write(`${(problem as { code: string }).code}\n`)
}
