import { once } from 'node:events'
import { createServer } from 'node:net'
import { findInstance } from '../../state/ownership.ts'
import type { Check, Finding } from './finding.ts'

export const checkPort: Check = async ({ dataFolder, settings }) => {
  const { port } = settings.values
  const instance = ownInstance(dataFolder)
  if (instance !== null) return { name: 'Port', state: 'ok', message: `the control room is open at ${instance}`, advice: null }
  const trouble = await tryPort(port)
  if (trouble === null) return { name: 'Port', state: 'ok', message: port === 0 ? 'any that is free' : `${port} is free`, advice: null }
  return taken(port, trouble, settings.isPortChosen)
}

function taken(port: number, trouble: string, isChosen: boolean): Finding {
  const message = trouble === 'EADDRINUSE' ? `${port} is in use by another program` : `${port} cannot be opened (${trouble})`
  if (!isChosen) return { name: 'Port', state: 'warning', message, advice: 'Another port will be taken; choose one with --port if it matters.' }
  return { name: 'Port', state: 'problem', message, advice: 'Choose another one with --port, IRON_CAGE_PORT or "port" in settings.yaml; 0 takes any that is free.' }
}

/** What is wrong with the folder is another check's to tell. */
function ownInstance(dataFolder: string): string | null {
  try {
    return findInstance(dataFolder)?.url ?? null
  } catch {
    return null
  }
}

async function tryPort(port: number): Promise<string | null> {
  const server = createServer()
  server.listen(port, '127.0.0.1')
  try {
    await once(server, 'listening')
  } catch (problem) {
    return (problem as NodeJS.ErrnoException).code ?? String(problem)
  }
  server.close()
  await once(server, 'close')
  return null
}
