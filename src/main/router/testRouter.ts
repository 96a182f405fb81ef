import { commands, streams, type CommandName, type StreamName } from '../../shared/contract/contract.ts'
import { AppError } from '../../shared/errors.ts'
import { createRouter, type CommandHandlers, type Router, type StreamHandlers } from './router.ts'

export interface TestRouter {
  readonly router: Router
  /** What reached `onDefect`, in order; incidents are called `incident-1` and so on. */
  readonly defects: unknown[]
}

/** A router for tests: real look-up, rights and parsing; only the handlers that a test hands in do anything. */
export function createTestRouter(
  commandHandlers: Partial<CommandHandlers> = {},
  streamHandlers: Partial<StreamHandlers> = {},
): TestRouter {
  const defects: unknown[] = []
  const missing = (name: string) => (): never => {
    throw new AppError('UNAVAILABLE', `This test has no handler for "${name}".`)
  }
  const router = createRouter({
    commandHandlers: {
      ...(Object.fromEntries(namesOf(commands).map((name) => [name, missing(name)])) as Record<CommandName, () => never>),
      ...commandHandlers,
    },
    streamHandlers: {
      ...(Object.fromEntries(namesOf(streams).map((name) => [name, missing(name)])) as Record<StreamName, () => never>),
      ...streamHandlers,
    },
    onDefect: (defect) => {
      defects.push(defect)
      return `incident-${defects.length}`
    },
  })
  return { router, defects }
}

function namesOf<T extends object>(table: T): (keyof T & string)[] {
  return Object.keys(table) as (keyof T & string)[]
}
